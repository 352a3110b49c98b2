import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.domain import escaped, json_text, markdown_code, markdown_text, one_line, printable, printable_lines

ANY = st.text(st.characters(categories=["C", "L", "Z", "S", "P"]))


def test_a_foreign_text_comes_on_one_line_and_steers_nothing() -> None:
    said = "  <html>\r\n\t\x1b[31mred\x1b[0m\x9b2J\u2028 \u202egnp.exe\x00 "
    assert one_line(said) == "<html> [31mred [0m 2J gnp.exe"


def test_half_a_character_which_no_ledger_can_hold_goes() -> None:
    assert one_line("a\ud83db") == "a b"


def test_a_long_text_is_cut() -> None:
    assert one_line("a" * 700) == "a" * 599 + "…"
    assert one_line("abcde", 4) == "abc…"


@pytest.mark.parametrize(
    "unfit",
    ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\n", "\u2066", "\u200f", "\u200b", "\ufeff", "\U000e0041", "\ud83d"],
)
def test_what_is_unfit_leaves_its_place_to_a_mark(unfit: str) -> None:
    assert printable(f"a{unfit} b") == "a� b"


def test_other_scripts_are_left_as_they_are() -> None:
    assert (
        printable("青い急須 é e\u0301 👩\u200d🎨")
        == one_line("青い急須 é e\u0301 👩\u200d🎨")
        == "青い急須 é e\u0301 👩\u200d🎨"
    )


def test_a_text_of_several_lines_keeps_them() -> None:
    assert printable_lines("a\x1b[2J\n\tb\r\u202ec\n") == "a�[2J\n\tb��c\n"


@given(text=ANY)
def test_json_says_exactly_what_it_was_given_and_holds_nothing_unfit(text: str) -> None:
    written = json_text({text: [text]}, indent=2)
    assert json.loads(written) == {text: [text]}
    assert printable_lines(written) == written


@given(text=ANY)
def test_what_is_shown_is_fit_to_be_shown(text: str) -> None:
    for shown in (one_line(text), printable(text), escaped(text), markdown_text(text), markdown_code(text)):
        assert printable(shown) == shown


def test_what_is_unfit_is_written_out() -> None:
    assert escaped("a\u202eb\x1b\U000e0041") == "a\\u202eb\\u001b\\udb40\\udc41"


def test_markdown_shows_a_text_as_it_is_within_its_cell() -> None:
    assert markdown_text("a|b <i>*c*\n`d`") == "a\\|b &lt;i&gt;\\*c\\* \\`d\\`"
    assert markdown_code("a|b <i>\n`d`\x1b") == "`a\\|b <i> d`"
    assert markdown_code("``") == "` `"
