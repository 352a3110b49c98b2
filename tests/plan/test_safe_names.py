"""Names that every file system takes, and that never run into each other by accident."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.plan.safe_names import LONGEST_PART, RESERVED, hashed_cells, identifier, key_part, sanitised


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("T-01", "T-01"),
        ("16:9", "16x9"),
        ("1:16:9", "1x16x9"),
        ("a:b", "a-b"),
        ("red / blue", "red---blue"),
        ("..", "__"),
        (".hidden.", "_hidden_"),
        ("v8.1", "v8.1"),
        ("con", "_con"),
        ("LPT1.txt", "_LPT1.txt"),
        ("console", "console"),
        ("Café", "Café"),
        ("Cafe\u0301", "Café"),
        ("จาน", "จาน"),
        ("पत्ती", "पत्ती"),
        ("a\x1ab\x1cc\n", "a-b-c-"),
        ("\ud800", "-"),
        ("", ""),
        ("~$*?", "----"),
    ],
)
def test_a_value_becomes_a_name(value: str, name: str) -> None:
    assert sanitised(value) == name


def test_an_overlong_value_is_cut_and_kept_unique_by_a_hash() -> None:
    one, other = sanitised("é" * 100), sanitised("é" * 101)
    assert one != other
    assert one == "é" * 45 + "-" + one[-8:]
    assert len(one.encode()) <= LONGEST_PART
    assert sanitised("x" * 100) == "x" * 100


def test_a_key_part_is_never_empty() -> None:
    assert key_part("") == "_"


@given(st.text(max_size=200))
def test_a_name_is_safe_and_stays_as_it_is(value: str) -> None:
    name = sanitised(value)
    assert bool(name) == bool(value)
    assert len(name.encode()) <= LONGEST_PART
    assert not name.startswith(".")
    assert not name.endswith(".")
    assert not RESERVED.match(name)
    assert all(char.isalnum() or char in "._-" or not char.isascii() for char in name)
    assert sanitised(name) == name


def test_a_column_is_a_variable() -> None:
    assert [identifier(column) for column in ("unit price", "größe", "2nd", "a-b", "a.b")] == [
        "unit_price",
        "größe",
        "_2nd",
        "a_b",
        "a_b",
    ]


def test_the_hash_of_cells_does_not_hang_on_their_order_and_never_changes() -> None:
    assert hashed_cells({"a": "1", "b": "é"}) == hashed_cells({"b": "é", "a": "1"}) == "dywoprau"
    assert hashed_cells({"a": "1", "b": "e"}) != hashed_cells({"a": "1", "b": "é"})
