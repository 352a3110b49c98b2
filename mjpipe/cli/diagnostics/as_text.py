"""Diagnostics for people: the place, the message, the line with a caret, and the help."""

from collections.abc import Sequence

from mjpipe.domain import Diagnostic, Place, counted, printable, text_width, wrapped

WIDEST = 122
"""The most columns of a source line to show; of a longer line, those around the caret."""

_TAB = "    "

_NUMBER = 5
"""Columns for the number of a line at least."""

_LEAST_EXCERPT = 20


def as_text(diagnostics: Sequence[Diagnostic], width: int | None = None) -> str:
    """In lines of at most `width` columns; None for lines as long as their texts, which programs read best."""
    return "\n".join(_text(diagnostic, width) for diagnostic in diagnostics)


def _text(diagnostic: Diagnostic, width: int | None) -> str:
    place = diagnostic.place
    lines = _fitting(f"{place}: {diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}", width, rest="  ")
    if place.text.strip():
        lines += _excerpt(place, width)
    if diagnostic.also:
        lines.append(f"   ... and {counted(diagnostic.also, 'more place')}")
    if diagnostic.help:
        lines += _fitting(diagnostic.help, width, first="   help: ", rest=" " * 9)
    if diagnostic.alike:
        lines.append(f"   ... and {diagnostic.alike:,} more like these")
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _fitting(text: str, width: int | None, *, first: str = "", rest: str) -> list[str]:
    line = first + _visible(text)
    if width is None or text_width(line) <= width:
        return [line]
    return wrapped(_visible(text), width, first=first, rest=rest)


def _excerpt(place: Place, width: int | None) -> list[str]:
    begin = place.column - 1
    before, marked, after = (
        place.text[:begin],
        place.text[begin : begin + place.width],
        place.text[begin + place.width :],
    )
    gutter = " " * max(_NUMBER, len(str(place.line)))
    room = WIDEST if width is None else min(WIDEST, max(width - len(f"{gutter} | "), _LEAST_EXCERPT))
    before, marked, after = _window(_visible(before), _visible(marked), _visible(after), room)
    carets = " " * text_width(before) + "^" * max(1, text_width(marked))
    return [f"{place.line:>{len(gutter)}} | {before}{marked}{after}", f"{gutter} | {carets}"]


def _window(before: str, marked: str, after: str, widest: int) -> tuple[str, str, str]:
    """A line of more than `widest` columns, cut on both sides of the marked part."""
    line = before + marked + after
    if text_width(line) <= widest:
        return before, marked, after
    widest = widest - 2 if text_width(line) == len(line) else widest // 2 - 1  # room for `…`, and for wide signs
    marked = marked if len(marked) <= widest // 2 else f"{marked[: widest // 2]}…"
    room = widest - len(marked)
    left = min(len(before), max(room // 2, room - len(after)))
    right = room - left
    return (
        before if left == len(before) else f"…{before[len(before) - left :]}",
        marked,
        after if len(after) <= right else f"{after[:right]}…",
    )


def _visible(text: str) -> str:
    return printable(text.replace("\t", _TAB))
