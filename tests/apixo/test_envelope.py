from hypothesis import given
from hypothesis import strategies as st

from mjpipe.apixo.envelope import EVIDENCE_LENGTH, Envelope, plain, read_envelope


def test_the_reason_is_the_most_particular_thing_that_was_said() -> None:
    assert Envelope(code=400, message="Invalid request", data={"error": "no prompt"}).reason == "no prompt"
    assert Envelope(code=400, message="Invalid request", data={"error": ""}).reason == "Invalid request"
    assert Envelope(code=400, message="Invalid request", data=None).reason == "Invalid request"


@given(st.binary())
def test_no_content_breaks_the_reading(content: bytes) -> None:
    assert read_envelope(content) is None


def test_foreign_text_cannot_steer_a_terminal() -> None:
    assert plain("  <html>\r\n\t\x1b[31mred\x1b[0m\x9b2J \u202egnp.exe\x00 ") == "<html> [31mred [0m 2J gnp.exe"


def test_foreign_text_is_cut() -> None:
    assert plain("x" * 10_000) == "x" * (EVIDENCE_LENGTH - 1) + "…"
