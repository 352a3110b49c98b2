"""The lines of an input file: any number of them can stream, each of bounded length and without NUL characters."""

from collections.abc import Iterator
from functools import partial
from typing import TextIO

from mjpipe.domain import Place
from mjpipe.files import CONFLICT, RESOLVE, is_conflict_line

LONGEST_LINE = 16 << 20
LONGEST_CELL = 1 << 20
"""Both in characters."""

MOST_COLUMNS = 10_000

_SHOWN = 1_000
"""Characters of a line that is too long, for the diagnostic."""

_MARK = "\ufeff"


class OutOfBounds(Exception):
    """A line that no input may have; reading stops there. `line` and `column` count from 1. `code` is that of the
    diagnostic.
    """

    def __init__(
        self,
        message: str,
        *,
        line: int,
        text: str,
        column: int = 1,
        help: str | None = None,  # noqa: A002 - the word users see
        code: str = "MJ062",
    ) -> None:
        super().__init__(message)
        self.line = line
        self.column = column
        self.text = text[:_SHOWN].rstrip("\r\n") if column <= _SHOWN else ""
        self.help = help
        self.code = code

    def place(self, file: str) -> Place:
        """`file` is the file's name in messages."""
        return Place(file=file, line=self.line, column=self.column, text=self.text)


def checked_lines(file: TextIO) -> Iterator[str]:
    """The lines of an open file with their line ends, as `csv` needs them. Raises OutOfBounds."""
    for number, text in enumerate(bounded_lines(file), 1):
        if len(text) > LONGEST_LINE or "\0" in text:
            raise _out_of_bounds(number, text)
        yield text


class RowLines:
    """The same for files of rows, in which nothing of a git conflict, nor the beginning of another file, may be. A row
    is bounded, however many lines it has.

    `first` is the number of the first line. When a row begins, give it `room` again. `non_ascii` says that a line with
    other characters came since it was set to False.
    """

    def __init__(self, file: TextIO, *, first: int = 1) -> None:
        self._file = file
        self._first = first
        self.room = LONGEST_LINE
        self.non_ascii = False

    def __iter__(self) -> Iterator[str]:
        for number, text in enumerate(bounded_lines(self._file), self._first):
            self.room -= len(text)
            if self.room < 0 or "\0" in text:
                raise _out_of_bounds(number, text)
            if text[0] in "<>" and is_conflict_line(text):
                raise OutOfBounds(CONFLICT, line=number, text=text, help=RESOLVE, code="MJ063")
            if not text.isascii():
                self.non_ascii = True
                if text[0] == _MARK and number > 1:
                    raise joined_here(number, text)
            yield text


def bounded_lines(file: TextIO) -> Iterator[str]:
    """The lines of a file; overlong ones come in pieces."""
    return iter(partial(file.readline, LONGEST_LINE + 1), "")


def joined_here(line: int, text: str) -> OutOfBounds:
    """A line where another file begins, of which the header or the byte order mark shows."""
    return OutOfBounds(
        "another file begins here: two were joined",
        line=line,
        text=text.lstrip(_MARK),
        help="delete this line if it is a header, and save the file again; or name the files as two inputs",
        code="MJ064",
    )


def too_many_columns(number: int, *, line: int) -> OutOfBounds:
    message = f"an input may have at most {MOST_COLUMNS:,} columns, not {number:,}"
    return OutOfBounds(message, line=line, text="")


def cell_too_long(*, line: int, text: str, help: str | None = None) -> OutOfBounds:  # noqa: A002 - as above
    return OutOfBounds(f"a cell is longer than {LONGEST_CELL:,} characters", line=line, text=text, help=help)


def _out_of_bounds(number: int, text: str) -> OutOfBounds:
    at = text.find("\0")
    if at >= 0:
        return OutOfBounds(
            "the line has a NUL character",
            line=number,
            column=at + 1,
            text=text,
            help="the file is damaged, or in another encoding (try `encoding: utf-16-le`)",
        )
    return OutOfBounds(
        f"a row is longer than {LONGEST_LINE:,} characters",
        line=number,
        text=text,
        help="an unclosed quote takes in the lines that follow",
    )
