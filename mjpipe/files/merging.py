"""What git leaves in a file that it could not merge."""

import re

CONFLICT_MARKERS = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
"""Lines that begin so stand around the lines of both sides."""

_SIDES = ("<<<<<<< ", ">>>>>>> ")
_SIDE = re.compile(r"^(?:<<<<<<< |>>>>>>> )", re.MULTILINE)

CONFLICT = "a git conflict is not resolved"
RESOLVE = "keep the lines that are right, and delete those that begin with `<<<<<<<`, `=======` and `>>>>>>>`"
"""What messages about a conflict say, and their help."""


def conflict_in(text: str) -> int | None:
    """The index of the first line that begins or ends a git conflict in `text`; None without one.

    A line of `=======` alone is no evidence: Markdown underlines headings with it.
    """
    if not any(side in text for side in _SIDES):
        return None
    found = _SIDE.search(text)
    return None if found is None else found.start()


def is_conflict_line(line: str) -> bool:
    """Whether a line begins or ends a git conflict."""
    return line.startswith(_SIDES)
