"""One JSON object as a row: its values as text, exactly as written."""

import json
from typing import Any, Self

from mjpipe.domain import has_plain_form, in_plain_form, plain_form
from mjpipe.plan.inputs.formats.row_notes import RowNotes

DEEPEST = 40
"""Levels of lists and objects in a line."""

LONGEST_NUMBER = 1_000
"""Characters of a number. Longer ones take long to convert, and no field takes them."""


class UnusableObject(Exception):
    """JSON that cannot be a row."""


class _Integer(int):
    """An integer that knows how it was written."""

    def __new__(cls, written: str) -> Self:
        number = super().__new__(cls, _bounded(written))
        number.written = written
        return number

    written: str


class _Float(float):
    """A fraction that knows how it was written."""

    def __new__(cls, written: str) -> Self:
        number = super().__new__(cls, _bounded(written))
        number.written = written
        return number

    written: str


def cells_of(document: dict[str, Any], *, is_ascii: bool) -> tuple[dict[str, str], RowNotes | None]:
    """The cells of an object. The texts of one in ASCII have the plain form."""
    cells = {name: _text(value) for name, value in document.items()}
    if is_ascii:
        lists = {name: value for name, value in document.items() if isinstance(value, list | dict)}
        return cells, RowNotes(values=lists, former={name: cells[name] for name in lists}) if lists else None
    nested = {name: in_plain_form(value) for name, value in document.items() if isinstance(value, list | dict)}
    former = {name: cell for name, cell in cells.items() if name in nested or not has_plain_form(cell)}
    plain = {
        plain_form(name): _text(nested[name]) if name in nested else plain_form(cell) for name, cell in cells.items()
    }
    has_invisible = not "".join(plain.values()).isprintable()
    if not (nested or former or has_invisible):
        return plain, None
    return plain, RowNotes(
        values={plain_form(name): value for name, value in nested.items()},
        former={plain_form(name): cell for name, cell in former.items()},
        has_invisible=has_invisible,
    )


def json_document(text: str) -> tuple[Any, bool]:
    """The object of a line, its numbers as written, and whether it is all ASCII, without CR. Raises JSONDecodeError,
    and UnusableObject for what no row can have.
    """
    too_deep = f"the line is nested too deeply: more than {DEEPEST} levels"
    try:
        document = json.loads(text, parse_int=_Integer, parse_float=_Float, object_pairs_hook=_unrepeated)
        if _nests_deeper(document, DEEPEST):
            raise UnusableObject(too_deep)
        written = json.dumps(document, ensure_ascii=False)
        written.encode()
    except RecursionError:
        raise UnusableObject(too_deep) from None
    except UnicodeEncodeError:
        raise UnusableObject("the line has half a character (a lone surrogate)") from None
    if "\\u0000" in written and _has_nul(document):
        raise UnusableObject("the line has a NUL character")
    return document, written.isascii() and "\\r" not in written


def _bounded(number: str) -> str:
    if len(number) > LONGEST_NUMBER:
        raise UnusableObject(f"the line has a number that is too long: more than {LONGEST_NUMBER:,} characters")
    return number


def _nests_deeper(value: Any, levels: int) -> bool:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return inner is not None and (levels == 0 or any(_nests_deeper(item, levels - 1) for item in inner))


def _has_nul(value: Any) -> bool:
    match value:
        case str():
            return "\0" in value
        case list():
            return any(map(_has_nul, value))
        case dict():
            return any(map(_has_nul, (*value, *value.values())))
    return False


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = {name.strip(): value for name, value in pairs}
    if len(document) < len(pairs):
        raise UnusableObject("a name appears twice in the line")
    if "" in document:
        raise UnusableObject("a name in the line is empty")
    return document


def _text(value: Any) -> str:
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _Integer() | _Float():
            return value.written
        case _:
            return json.dumps(value, ensure_ascii=False)
