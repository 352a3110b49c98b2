"""A file's text by lines, and the place of any part of it."""

import re
from array import array
from bisect import bisect_right

from mjpipe.domain import Place

# Lines as editors count them. The YAML parser also breaks them at NEL, LS and PS: its line numbers are not used.
_BREAK = re.compile(r"\r\n|\r|\n")


class SourceText:
    """The `text` of a file that users know as `file`. An index counts characters of `text` from 0."""

    def __init__(self, file: str, text: str) -> None:
        self.file = file
        self.text = text
        self._starts = array("Q", [0])
        self._ends = array("Q")
        for found in _BREAK.finditer(text):
            self._ends.append(found.start())
            self._starts.append(found.end())
        self._ends.append(len(text))
        self._last = 0, self.text[: self._ends[0]]

    def number(self, index: int) -> int:
        """The 0-based number of the line that holds `index`."""
        return bisect_right(self._starts, index) - 1

    def line(self, number: int) -> str:
        """The line without its break. Places on one line share one copy of it: a line can be very long."""
        if self._last[0] != number:
            self._last = number, self.text[self._starts[number] : self._ends[number]]
        return self._last[1]

    def span(self, number: int) -> tuple[int, int]:
        """Where a line starts and ends, without its break."""
        return self._starts[number], self._ends[number]

    def place(self, index: int, width: int = 1) -> Place:
        """The place of `width` characters from `index` on, cut at the end of the line."""
        number = self.number(index)
        start, end = self.span(number)
        return Place(
            file=self.file,
            line=number + 1,
            column=index - start + 1,
            width=max(1, min(width, end - index)),
            text=self.line(number),
        )
