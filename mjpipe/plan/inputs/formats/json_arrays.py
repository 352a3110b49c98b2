"""The objects of a JSON array, taken from its lines one after another."""

import re
from collections.abc import Iterator

_SIGNS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{},]')
_ARRAY = re.compile(r"\s*\[\s*(?:\{|\]|$)")

LONGEST_ENTRY = 16 << 20
"""Characters of one object."""


class ArrayFault(Exception):
    """What is wrong with an array on `line`."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


def begins_array(line: str) -> bool:
    """Whether the first line of a file begins an array of objects. A list of anything else is no row."""
    return _ARRAY.match(line) is not None


class ArrayEntries:
    """Cuts an array into its entries.

    Texts in JSON do not go over the end of a line, so brackets can be counted line by line; what stands between them is
    left to the JSON parser.
    """

    def __init__(self, line: int) -> None:
        self._line = line
        self._depth = 0
        self._begun = line
        self._parts: list[str] = []
        self._size = 0
        self._ended = False

    def take(self, text: str) -> Iterator[tuple[int, str]]:
        """The entries that the next line ends, each with the line on which it begins. Raises ArrayFault."""
        start = 0
        for sign in _SIGNS.finditer(text):
            char = sign[0]
            if self._ended:
                raise ArrayFault("something follows the end of the array", self._line)
            if char in ("[", "{"):
                self._depth += 1
                start = sign.end() if self._depth == 1 else start
            elif (char == "," and self._depth == 1) or char in ("]", "}"):
                self._depth -= char != ","
                self._ended = self._depth == 0
                if self._ended or char == ",":
                    self._keep(text[start : sign.start()])
                    yield from self._finished()
                    start = sign.end()
        if not self._ended:
            self._keep(text[start:])
        elif text[start:].strip():
            raise ArrayFault("something follows the end of the array", self._line)
        self._line += 1

    def end(self) -> None:
        """Raises ArrayFault for an array that is not closed."""
        if not self._ended:
            raise ArrayFault("the array is never closed", self._line - 1)

    def _keep(self, part: str) -> None:
        if not self._parts and not part.strip():
            return
        if not self._parts:
            self._begun = self._line
        self._parts.append(part)
        self._size += len(part)
        if self._size > LONGEST_ENTRY:
            raise ArrayFault(f"an object is longer than {LONGEST_ENTRY:,} characters", self._begun)

    def _finished(self) -> Iterator[tuple[int, str]]:
        if self._parts:
            yield self._begun, "".join(self._parts).strip()
        self._parts, self._size = [], 0
