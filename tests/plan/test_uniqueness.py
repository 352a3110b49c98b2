"""Names that repeat are found among any number of them."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from mjpipe.plan.uniqueness import NameHashes


@given(st.lists(st.sampled_from("abcdefgh")))
def test_a_name_is_suspected_if_it_came_twice(names: list[str]) -> None:
    hashes = NameHashes()
    for name in names:
        hashes.add(name)
    repeated = hashes.repeated()
    assert {name for name in names if name in repeated} == {name for name in names if names.count(name) > 1}
    assert bool(repeated) == (len(set(names)) < len(names))


def test_a_hundred_thousand_names_take_a_few_bytes_each() -> None:
    tracemalloc.start()
    hashes = NameHashes()
    for number in range(100_000):
        hashes.add(f"hero/{number}")
    repeated = hashes.repeated()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not repeated
    assert peak < 20 * 100_000
