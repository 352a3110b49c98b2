"""Diagnostics as annotations of GitHub Actions."""

from collections.abc import Sequence

from mjpipe.domain import Diagnostic, printable_lines


def as_github(diagnostics: Sequence[Diagnostic]) -> str:
    return "".join(map(_annotation, diagnostics))


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
    if diagnostic.alike:
        message += f" (and {diagnostic.alike} more like these)"
    if diagnostic.help:
        message += f"\nhelp: {diagnostic.help}"
    listed = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    return f"::{diagnostic.severity} {listed}::{_data(printable_lines(message))}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
