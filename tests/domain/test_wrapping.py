"""Text in lines of a terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.domain import padded, table_lines, text_width, wrapped


@pytest.mark.parametrize(
    "whole",
    [
        "$2.40 to $6.60",
        "$3.00 -> $4.00 (+$1.00)",
        "up to $1,234.50",
        "12 to submit",
        "1,200 jobs",
        "14 waiting for picks",
        "1 of 3 jobs",
        "+ 0 to 4 unpriced",
        "about 1 h 20 min",
        "2026-11-27 12:00:00",
        "`mjpipe run m.yaml --retry-failed`",
    ],
)
def test_an_amount_stays_with_its_dollars_and_a_count_with_its_word(whole: str) -> None:
    for length in range(40):
        lines = wrapped(f"{'x' * length} {whole}, and more of it", 40)
        assert any(whole in line for line in lines)
        assert all(len(line) <= 40 for line in lines)


def test_further_lines_begin_below_the_text_of_the_first() -> None:
    lines = wrapped("the manifest has changed; prices are others", 30, first="help: ", rest="      ")
    assert lines == ["help: the manifest has", "      changed; prices are", "      others"]


def test_a_long_word_is_left_whole_and_an_empty_text_is_a_line() -> None:
    assert wrapped(f"see {'x' * 50} there", 20) == ["see", "x" * 50, "there"]
    assert wrapped("", 20, first="a", rest="b") == ["a"]


def test_a_terminal_that_is_too_narrow_is_written_to_all_the_same() -> None:
    assert wrapped("12 to submit, 88 done", 3) == ["12 to submit,", "88 done"]
    assert wrapped("about 12 h 30 min until then", 20) == ["about 12 h 30 min", "until then"]
    assert wrapped("12 waiting for picks and more", 20) == ["12 waiting for picks", "and more"]


def test_wide_signs_count_for_two_columns_and_accents_for_none() -> None:
    assert text_width("ティーポット") == 12
    assert text_width("cafe\N{COMBINING ACUTE ACCENT}") == 4
    assert padded("茶", 4) == "茶  "
    assert padded("7", 3, right=True) == "  7"


def test_a_text_that_is_written_without_spaces_is_broken_between_its_signs() -> None:
    assert wrapped("青い陶器のティーポット、白い背景", 20) == ["青い陶器のティーポッ", "ト、白い背景"]


@given(st.text(alphabet="ab 茶$12.,·é", max_size=200), st.integers(20, 60))
def test_wrapping_loses_nothing(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(text_width(line) <= width for line in lines if " " in line.strip())


def test_cells_stand_one_below_another_whatever_they_are_written_in() -> None:
    rows = [("茶壺", "3 to submit", "new"), ("teapots", "12 to submit", "8 new, 4 changed prompt")]
    assert table_lines(rows, 46) == [
        "茶壺     3 to submit   new",
        "teapots  12 to submit  8 new, 4 changed prompt",
    ]
    assert table_lines(rows, 43) == [
        "茶壺     3 to submit   new",
        "teapots  12 to submit  8 new, 4 changed",
        "                       prompt",
    ]


def test_what_does_not_fit_side_by_side_stands_below_the_name() -> None:
    rows = [("a-node-with-quite-a-long-name", "3 to submit", "$0.60", "new"), ("hero", "88 done", "$0.00", "")]
    assert table_lines(rows, 40) == [
        "a-node-with-quite-a-long-name",
        "    3 to submit · $0.60 · new",
        "hero",
        "    88 done · $0.00",
    ]


def test_a_table_without_rows_has_no_lines() -> None:
    assert table_lines([], 80) == []
