"""Foreign text made fit to be read: without the characters that could steer a terminal, break a line, or turn it."""

import re

LONGEST = 600
"""Characters: enough to see what was said, short enough for a ledger."""

_STEERING = r"\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
_GAP = re.compile(f"[ {_STEERING}]+")
_UNFIT = re.compile(f"[{_STEERING}]")


def one_line(text: str, longest: int = LONGEST) -> str:
    """`text` with a space for what is unfit and the spaces around it, cut to at most `longest` characters."""
    line = _GAP.sub(" ", text).strip()
    return line if len(line) <= longest else line[: longest - 1] + "…"


def legible(text: str) -> str:
    """`text` with a `�` for each character that is unfit, so that all others keep their places."""
    return _UNFIT.sub("�", text)
