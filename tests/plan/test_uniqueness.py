"""Names that repeat are found among any number of them."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from mjpipe.plan.uniqueness import Register


@given(st.lists(st.sampled_from("abcdefgh")))
def test_a_name_is_suspected_if_it_came_twice(names: list[str]) -> None:
    register = Register()
    for name in names:
        register.add(name)
    suspects = register.repeated()
    assert {name for name in names if name in suspects} == {name for name in names if names.count(name) > 1}
    assert bool(suspects) == (len(set(names)) < len(names))


def test_a_hundred_thousand_names_take_a_few_bytes_each() -> None:
    tracemalloc.start()
    register = Register()
    for number in range(100_000):
        register.add(f"hero/{number}")
    suspects = register.repeated()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert not suspects
    assert peak < 20 * 100_000
