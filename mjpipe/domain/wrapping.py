"""Text in lines of a terminal: how wide it is, and where it may be broken."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import compress, zip_longest

LEAST_WIDTH = 20
"""Columns: narrower terminals are written to as if they had so many."""

_WIDE = frozenset("WF")
_WIDTHLESS = frozenset({"Mn", "Me", "Cf"})

_NUMBER = r"\d[\d,.:]*(?<![,.:])"
_USD = r"[-+]?\$\d[\d,.]*(?<![,.])"
_UNBROKEN = re.compile(
    rf"""
    # what stands in backticks: a command to type, a name with spaces
    `[^`\n]*`
    # `up to $2.40`, `$2.40 to $6.60`, `$2.40 -> $6.60 (+$4.20)`
    | (?:\b(?:up\ to|about|of|the)\ )* {_USD} (?:\ (?:to|->)\ {_USD})? (?:\ \({_USD}\))? (?:\ (?:left|reused|paid)\b)?
    # `2026-11-27 12:00:00`
    | \b\d{{4}}-\d\d-\d\d\ \d\d:\d\d(?::\d\d)?
    # `3 to submit`, `14 waiting for picks`, `1 of 3 jobs`, `+ 0 to 4 unpriced`, `about 1 h 20 min`
    | (?:\+\ |\babout\ |\bup\ to\ )? (?<![\w$.,/-]) {_NUMBER} (?:\ (?:to|of|->)\ {_NUMBER})?
      (?:\ (?:to|in|of|waiting\ for))? \ [^\W\d]\w* (?:\ {_NUMBER}\ [^\W\d]\w*)?
    """,
    re.VERBOSE,
)
"""What stays on one line where a line has room: an amount with its dollars, a count with its word, a command."""

_GAP = "  "
_SPACES = re.compile(r"[ \t\n]+")

_SPACE = "\0"
"""Stands for a space that is no place to break a line."""


def text_width(text: str) -> int:
    """The columns that a text takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(map(_sign_width, text))


def padded(text: str, width: int, *, right: bool = False) -> str:
    """`text` filled with spaces up to that many columns, on its left if it is to stand on the `right`."""
    filling = " " * (width - text_width(text))
    return filling + text if right else text + filling


def wrapped(text: str, width: int, *, first: str = "", rest: str = "") -> list[str]:
    """`text` in lines of at most `width` columns, but for a longer word; an amount stays with its dollars, and a count
    with its word.

    The first line begins with `first`, the others with `rest`. An empty text is one line.
    """
    return _lines(text, max(width, LEAST_WIDTH), first, rest)


def table_lines(rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """The rows with their cells one below another, without columns that are empty. The widest cells are wrapped below
    themselves until a line has room for all; where that is not enough, what stands in a row comes below its first cell.
    """
    filled = [any(cells) for cells in zip(*rows, strict=True)]
    rows = [list(compress(row, filled)) for row in rows]
    widths = _column_widths(rows, width)
    if widths is None:
        return [line for row in rows for line in _stacked(row, width)]
    return [line for row in rows for line in _side_by_side(row, widths)]


def _column_widths(rows: Sequence[Sequence[str]], width: int) -> list[int] | None:
    """None if even the longest words do not fit."""
    columns = [*zip(*rows, strict=True)]
    widths = [max(map(text_width, cells)) for cells in columns]
    least = [max(text_width(word) for cell in cells for word in ["", *_words(cell, width)]) for cells in columns]
    excess = sum(widths) + len(_GAP) * (len(widths) - 1) - width
    for _ in range(excess):
        spare = [column for column in range(len(widths)) if widths[column] > least[column]]
        if not spare:
            return None
        widths[max(spare, key=lambda column: widths[column])] -= 1
    return widths


def _side_by_side(row: Sequence[str], widths: Sequence[int]) -> Iterator[str]:
    cells = [_lines(cell, width, "", "") for cell, width in zip(row, widths, strict=True)]
    for parts in zip_longest(*cells, fillvalue=""):
        yield _GAP.join(padded(part, width) for part, width in zip(parts, widths, strict=True)).rstrip()


def _stacked(row: Sequence[str], width: int) -> list[str]:
    first, *others = row
    indent = " " * 4
    return [*wrapped(first, width), *wrapped(" · ".join(filter(None, others)), width, first=indent, rest=indent)]


def _lines(text: str, width: int, first: str, rest: str) -> list[str]:
    lines = [first]
    empty = True
    for word in _words(text, width - text_width(rest)):
        line = lines[-1]
        joined = f"{line}{'' if empty else ' '}{word}"
        if empty or text_width(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(rest + word)
        empty = False
    return [line.rstrip() for line in lines]


def _words(text: str, width: int) -> Iterator[str]:
    """The parts between which a line may be broken. Of what is wider than a line, counts leave their words, and wide
    signs, which are written without spaces, each other.
    """
    bound = _UNBROKEN.sub(lambda found: found[0].replace(" ", _SPACE), text).replace(" ·", f"{_SPACE}·")
    for part in _SPACES.split(bound):
        whole = part.replace(_SPACE, " ")
        for word in [whole] if text_width(whole) <= width else whole.split(" "):
            if text_width(word) <= width or not any(_sign_width(sign) > 1 for sign in word):
                yield from [word] if word else []
            else:
                yield from _pieces(word, width)


def _pieces(word: str, width: int) -> Iterator[str]:
    piece, taken = "", 0
    for sign in word:
        if piece and taken + _sign_width(sign) > width:
            yield piece
            piece, taken = "", 0
        piece += sign
        taken += _sign_width(sign)
    yield piece


def _sign_width(sign: str) -> int:
    if unicodedata.category(sign) in _WIDTHLESS:
        return 0
    return 2 if unicodedata.east_asian_width(sign) in _WIDE else 1
