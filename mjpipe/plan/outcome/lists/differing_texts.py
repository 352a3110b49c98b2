"""Two long texts cut to where they differ."""

import re

from mjpipe.domain import escaped, json_escapes, one_line

NOT_GIVEN = "(not given)"

_CUT = "…"

_LONGEST = 10_000

_UNUSUAL_SPACE = re.compile(r"[^\S ]")


def differing_texts(before: str | None, after: str | None, width: int) -> tuple[str, str]:
    """Both in at most `width` characters, from a little before the first difference; None is a missing text.

    Texts that look the same differ in signs that nobody sees: these are shown as escapes.
    """
    if before is None or after is None:
        return _start(before, width), _start(after, width)
    old, new = one_line(before, _LONGEST), one_line(after, _LONGEST)
    if "".join(old.split()) == "".join(new.split()):
        old, new = _exact(before), _exact(after)
    if max(len(old), len(new)) <= width:
        return old, new
    pairs = enumerate(zip(old, new, strict=False))
    at = next((at for at, (one, other) in pairs if one != other), min(len(old), len(new)))
    begin = max(0, at - width // 3)
    if begin:
        space = old.find(" ", begin, at)
        begin = begin if space == -1 else space + 1
    return _cut(old, begin, width), _cut(new, begin, width)


def _exact(text: str) -> str:
    """With escapes for all but plain spaces that nobody sees."""
    return _UNUSUAL_SPACE.sub(lambda found: json_escapes(found[0]), escaped(text))


def _start(text: str | None, width: int) -> str:
    return NOT_GIVEN if text is None else _cut(one_line(text, _LONGEST), 0, width)


def _cut(text: str, begin: int, width: int) -> str:
    piece = f"{_CUT} {text[begin:]}" if begin else text
    return piece if len(piece) <= width else piece[: width - 1].rstrip() + _CUT
