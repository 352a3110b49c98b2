"""The known name that an unknown one was probably meant to be."""

import pytest

from mjpipe.manifest import nearest


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("hero/K-OO1", "hero/K-001"),  # the letter O
        ("hero/k-0l2", "hero/K-012"),
        ("herro/K-291", "hero/K-291"),
    ],
)
def test_a_key_is_found_by_what_was_typed_for_it(typed: str, meant: str) -> None:
    known = [f"hero/K-{number:03}" for number in range(300)]
    assert nearest(typed, known) == meant


def test_a_word_without_digits_is_compared_by_its_letters() -> None:
    assert nearest("fina", ["f1na1", "final"]) == "final"
