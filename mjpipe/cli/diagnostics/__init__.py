"""Diagnostics for people and programs: a format is one module, and one line here."""

from collections.abc import Callable, Sequence

from mjpipe.cli.diagnostics.as_github import as_github
from mjpipe.cli.diagnostics.as_json import as_json
from mjpipe.cli.diagnostics.as_text import as_text
from mjpipe.domain import Diagnostic

FORMATS: dict[str, Callable[[Sequence[Diagnostic]], str]] = {"text": as_text, "json": as_json, "github": as_github}
"""By the names that `--format` takes."""


def render(diagnostics: Sequence[Diagnostic], form: str, *, width: int | None = None) -> str:
    """All diagnostics in the given order, in one of `FORMATS`; ends with a line break unless empty. Text is wrapped
    within `width`, unless that is None.
    """
    return as_text(diagnostics, width) if form == "text" else FORMATS[form](diagnostics)
