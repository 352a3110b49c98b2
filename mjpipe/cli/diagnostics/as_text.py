"""Diagnostics for people: the place, the message, the line with a caret, and the help."""

from collections.abc import Sequence

from mjpipe.domain import Diagnostic, Place, counted, printable, text_width

WIDEST = 120
"""The most columns of a source line to show; of a longer line, those around the caret."""

_TAB = "    "


def as_text(diagnostics: Sequence[Diagnostic]) -> str:
    return "\n".join(map(_text, diagnostics))


def _text(diagnostic: Diagnostic) -> str:
    place = diagnostic.place
    lines = [_visible(f"{place}: {diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}")]
    if place.text.strip():
        lines += _excerpt(place)
    if diagnostic.also:
        lines.append(f"   ... and {counted(diagnostic.also, 'more place')}")
    if diagnostic.help:
        lines.append(f"   help: {_visible(diagnostic.help)}")
    if diagnostic.alike:
        lines.append(f"   ... and {diagnostic.alike:,} more like these")
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _excerpt(place: Place) -> list[str]:
    begin = place.column - 1
    before, marked, after = (
        place.text[:begin],
        place.text[begin : begin + place.width],
        place.text[begin + place.width :],
    )
    before, marked, after = _window(_visible(before), _visible(marked), _visible(after))
    gutter = " " * max(5, len(str(place.line)))
    carets = " " * text_width(before) + "^" * max(1, text_width(marked))
    return [f"{place.line:>{len(gutter)}} | {before}{marked}{after}", f"{gutter} | {carets}"]


def _window(before: str, marked: str, after: str) -> tuple[str, str, str]:
    """A very long line, cut on both sides of the marked part."""
    if len(before) + len(marked) + len(after) <= WIDEST:
        return before, marked, after
    marked = marked if len(marked) <= WIDEST // 2 else f"{marked[: WIDEST // 2]}…"
    room = WIDEST - len(marked)
    left = min(len(before), max(room // 2, room - len(after)))
    right = room - left
    return (
        before if left == len(before) else f"…{before[len(before) - left :]}",
        marked,
        after if len(after) <= right else f"{after[:right]}…",
    )


def _visible(text: str) -> str:
    return printable(text.replace("\t", _TAB))
