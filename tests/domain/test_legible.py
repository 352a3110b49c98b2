import pytest

from mjpipe.domain import legible, one_line


def test_a_foreign_text_comes_on_one_line_and_steers_nothing() -> None:
    said = "  <html>\r\n\t\x1b[31mred\x1b[0m\x9b2J\u2028 \u202egnp.exe\x00 "
    assert one_line(said) == "<html> [31mred [0m 2J gnp.exe"


def test_half_a_character_which_no_ledger_can_hold_goes() -> None:
    assert one_line("a\ud83db") == "a b"


def test_a_long_text_is_cut() -> None:
    assert one_line("a" * 700) == "a" * 599 + "…"
    assert one_line("abcde", 4) == "abc…"


@pytest.mark.parametrize("unfit", ["\x00", "\x07", "\x1b", "\x7f", "\x9b", "\n", "\u2066", "\u200f", "\ud83d"])
def test_what_is_unfit_leaves_its_place_to_a_mark(unfit: str) -> None:
    assert legible(f"a{unfit} b") == "a� b"


def test_other_scripts_are_left_as_they_are() -> None:
    assert (
        legible("青い急須 é e\u0301 👩\u200d🎨")
        == one_line("青い急須 é e\u0301 👩\u200d🎨")
        == "青い急須 é e\u0301 👩\u200d🎨"
    )
