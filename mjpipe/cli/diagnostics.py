"""Diagnostics as text for people, as JSON, and as annotations for GitHub."""

import unicodedata
from collections.abc import Sequence

from mjpipe.domain import Diagnostic, Place, counted, json_text, printable, printable_lines

FORMATS = ("text", "json", "github")

SCHEMA_VERSION = 1
WIDEST = 120
"""The most columns of a source line to show; of a longer line, those around the caret."""

_TAB = "    "
_WIDE = frozenset("WF")
_WIDTHLESS = frozenset({"Mn", "Me", "Cf"})


def render(diagnostics: Sequence[Diagnostic], format: str) -> str:  # noqa: A002 - the name of the option
    """All diagnostics in the given order, in one of `FORMATS`; ends with a line break unless empty."""
    if format == "json":
        return json_text(_document(diagnostics), indent=2) + "\n"
    if format == "github":
        return "".join(_annotation(diagnostic) for diagnostic in diagnostics)
    return "\n".join(_text(diagnostic) for diagnostic in diagnostics)


def _text(diagnostic: Diagnostic) -> str:
    place = diagnostic.place
    lines = [_visible(f"{place}: {diagnostic.severity}[{diagnostic.code}]: {diagnostic.message}")]
    if place.text.strip():
        lines += _excerpt(place)
    if diagnostic.also:
        lines.append(f"   ... and {counted(diagnostic.also, 'more place')}")
    if diagnostic.help:
        lines.append(f"   help: {_visible(diagnostic.help)}")
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
    carets = " " * _columns(before) + "^" * max(1, _columns(marked))
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


def _columns(text: str) -> int:
    """The columns that a text takes on a terminal."""
    return sum(_width(sign) for sign in text)


def _width(sign: str) -> int:
    if unicodedata.category(sign) in _WIDTHLESS:
        return 0
    return 2 if unicodedata.east_asian_width(sign) in _WIDE else 1


def _document(diagnostics: Sequence[Diagnostic]) -> dict[str, object]:
    errors = sum(diagnostic.is_error for diagnostic in diagnostics)
    return {
        "schema_version": SCHEMA_VERSION,
        "errors": errors,
        "warnings": len(diagnostics) - errors,
        "diagnostics": [
            {
                "file": diagnostic.place.file,
                "line": diagnostic.place.line,
                "column": diagnostic.place.column,
                "width": diagnostic.place.width,
                "severity": str(diagnostic.severity),
                "code": diagnostic.code,
                "message": diagnostic.message,
                "help": diagnostic.help,
                "also": diagnostic.also,
            }
            for diagnostic in diagnostics
        ],
    }


def _annotation(diagnostic: Diagnostic) -> str:
    """A workflow command of GitHub, which shows it beside the line in a pull request."""
    place = diagnostic.place
    properties = {
        "file": place.file,
        "line": place.line,
        "col": place.column,
        "endColumn": place.column + place.width,
        "title": diagnostic.code,
    }
    message = diagnostic.message
    if diagnostic.also:
        message += f" (and {diagnostic.also} more)"
    if diagnostic.help:
        message += f"\nhelp: {diagnostic.help}"
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{diagnostic.severity} {listed}::{_data(printable_lines(message))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
