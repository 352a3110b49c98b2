"""Converts the text of a template to the value that a field of the API takes."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from math import isfinite
from typing import Any, Final

from mjpipe.contract import (
    FLAGLESS,
    Field,
    FieldType,
    Speed,
    executed_speed,
    urls_at_commas,
    urls_in,
    version_sent,
)
from mjpipe.domain import SOURCE_URL, Json
from mjpipe.manifest import (
    BLANKS,
    LEAVE_EMPTY,
    RELAXED_PROBLEM,
    Problem,
    attachments,
    did_you_mean,
    flag_problems,
    length_problem,
    number_help,
    option_problem,
    quoted,
    range_problem,
    short,
    truth_help,
    url_problem,
)

_MAY_BE_A_URL = re.compile(r".+://|//|www\.|[0-9:.]+$|random$", re.IGNORECASE)
"""An address without its scheme, and a style code, have a message of their own."""


class _Absent:
    """The value of a param that is not given."""


ABSENT: Final = _Absent()


class SourceUrl(str):
    """`{{ source.url }}` where it may stand; a type of its own, so that no cell can pass for it."""

    __slots__ = ()


class WrongValue(Exception):
    """A value that the service would not take, or would take for something else.

    `part` is the piece of text that is to blame, empty when all of it is. `entry` is the entry of a mapping that is to
    blame, empty for another value. `column` is the column to blame, None when it is not known from the template.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        help: str | None = None,  # noqa: A002 - the word users see
        part: str = "",
        entry: str = "",
        column: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.help = help
        self.part = part
        self.entry = entry
        self.column = column


class _TooDeep(ValueError):
    """JSON within JSON within JSON."""

    def __init__(self) -> None:
        super().__init__("it is nested too deeply")


_INTEGER = re.compile(r"[-+]?[0-9]+")
_WHOLE = re.compile(r"([-+]?[0-9]+)(?:\.0*)?")
"""Programs that keep blanks in a column of numbers write `250.0`."""
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_BOOLEANS = {"true": True, "false": False}
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_LONGEST_INTEGER = 18
_DEEPEST_JSON = 50


def converter(field: Field, known_fields: frozenset[str]) -> Callable[[str], Any]:
    """The function that turns a text, stripped and not empty, into the field's value; it raises WrongValue.

    `known_fields` are those of the node's kind; help suggests no others.
    """
    match field.type:
        case FieldType.INTEGER:
            return lambda text: _option(field, _integer(field, text))
        case FieldType.NUMBER:
            return lambda text: _number(field, text)
        case FieldType.BOOLEAN:
            return lambda text: _boolean(field, text)
        case FieldType.URLS:
            return lambda text: [_url(item) for item in _items(field, text)]
        case FieldType.REFERENCES:
            return lambda text: [_reference(field, item) for item in _items(field, text)]
        case FieldType.OBJECT:
            return lambda text: _object(field, text)
        case FieldType.TEXT if field.name == "speed":
            return lambda text: executed_speed(Speed(_option(field, text))).value
        case FieldType.TEXT if field.name == "version":
            return lambda text: version_sent(_plain_text(text))
        case FieldType.TEXT if field.options:
            return lambda text: _option(field, text)
        case FieldType.TEXT if field.name in FLAGLESS:
            return _prompt(field, known_fields)
        case FieldType.TEXT:
            return _plain_text


def can_be_unusual(field: Field) -> bool:
    """Whether values of a field can be unusual without being wrong."""
    return field.usual is not None or field.name == "speed"


def why_unusual(field: Field, text: str, value: Json) -> Iterator[tuple[str, Problem]]:
    """What is unusual about a value without being wrong, with its code."""
    if field.name == "speed" and text == Speed.RELAXED:
        yield "MJ081", RELAXED_PROBLEM
    if isinstance(value, int | float) and (problem := range_problem(field, value)):
        yield "MJ080", problem


def leaf(text: str) -> Any:
    """A value inside an object: JSON if it can be read as such, else text."""
    text = text.strip()
    if not text:
        return ABSENT
    try:
        return _from_json(text)
    except _TooDeep as fault:
        raise WrongValue("MJ082", f"the value is not valid JSON: {fault}") from None
    except ValueError:
        return _plain_text(text)


def object_of(field: Field, value: Json) -> Json:
    """A mapping as it stands in YAML, its leaves rendered."""
    if not isinstance(value, dict):
        raise _wrong_type(field, "an object", json.dumps(value))
    return value


def reference_of(field: Field, value: Json) -> Json:
    """A URL, or an object of url and weight, as it stands in YAML or in JSON."""
    if isinstance(value, str):
        return _url(value)
    if not isinstance(value, dict) or not isinstance(value.get("url"), str):
        raise WrongValue("MJ082", f"a reference of `{field.name}` is a URL, or an object with `url` and `weight`")
    unknown = [name for name in value if name not in ("url", "weight")]
    if unknown:
        raise WrongValue(
            "MJ082", f"unknown entry `{unknown[0]}` in a reference", help=did_you_mean(unknown[0], ("url", "weight"))
        )
    weight = value.get("weight", 1)
    if isinstance(weight, bool) or not isinstance(weight, int | float):
        advice = number_help(weight, whole=False) if isinstance(weight, str) else None
        message = f"the weight of a reference is a number, not `{weight}`"
        raise WrongValue("MJ070", message, help=advice, entry="weight")
    return {**value, "url": _url(value["url"], entry="url")}


def _integer(field: Field, text: str) -> int:
    whole = _WHOLE.fullmatch(text)
    if not whole or len(whole[1]) > _LONGEST_INTEGER:
        advice = f"it is one of {quoted(field.options)}" if field.options else number_help(text, whole=True)
        raise _wrong_type(field, "a whole number", text, advice)
    return int(whole[1])


def _number(field: Field, text: str) -> int | float:
    if _INTEGER.fullmatch(text):
        return _integer(field, text)
    if not _NUMBER.fullmatch(text) or len(text) > 2 * _LONGEST_INTEGER:
        raise _wrong_type(field, "a number", text, number_help(text, whole=False))
    number = float(text)
    if not isfinite(number):
        raise _wrong_type(field, "a number", text)
    return int(number) if number.is_integer() else number


def _boolean(field: Field, text: str) -> bool:
    try:
        return _BOOLEANS[text.lower()]
    except KeyError:
        raise _wrong_type(field, "true or false", text, truth_help(text)) from None


def _option(field: Field, value: Any) -> Any:
    if problem := option_problem(field, value):
        advice = LEAVE_EMPTY if str(value).casefold() in BLANKS else problem.help
        raise WrongValue("MJ071", problem.message, help=advice)
    return value


def _wrong_type(field: Field, takes: str, text: str, advice: str | None = None) -> WrongValue:
    return WrongValue("MJ070", f"`{field.name}` takes {takes}, not `{short(text)}`", help=advice)


def _plain_text(text: str) -> str:
    if not text.isprintable() and (control := _CONTROL.search(text)):
        raise WrongValue("MJ075", f"the text has the control character U+{ord(control[0]):04X}", part=control[0])
    return text


def _prompt(field: Field, known_fields: frozenset[str]) -> Callable[[str], str]:
    limited = field.name == "prompt"

    def prompt(text: str) -> str:
        if "--" in text:
            raise _flagged(field.name, text, known_fields)
        if limited and (problem := length_problem(text)):
            raise WrongValue("MJ073", problem.message, help=problem.help)
        return _plain_text(text)

    return prompt


def _flagged(name: str, text: str, known_fields: frozenset[str]) -> WrongValue:
    _, _, problem = next(flag_problems(name, text, known_fields))
    return WrongValue("MJ074", problem.message, help=problem.help, part="--")


def _items(field: Field, text: str) -> list[Json]:
    if text[0] not in "[{":
        urls = [*(("(http" in text and attachments(text)) or urls_in(text))]
        if len(urls) > 1:
            _refuse_pieces(urls)
        return [*urls]
    value = _json(field, text)
    listed = value if isinstance(value, list) else [value]
    return [one for item in listed for one in (urls_at_commas(item) if isinstance(item, str) else [item])]


def _refuse_pieces(urls: Sequence[str]) -> None:
    """Raises WrongValue for what stands behind a URL and is none: the URL had a space, or a sign divides two."""
    for before, item in pairwise(urls):
        if not before.lower().startswith("http") or _MAY_BE_A_URL.match(item):
            continue
        divides = not any(map(str.isalnum, item))
        advice = "leave it out: spaces or commas divide URLs" if divides else "for a space within a URL write `%20`"
        raise WrongValue("MJ076", f"`{short(item)}` behind a URL is not a URL", help=advice, part=item)


def _reference(field: Field, item: Json) -> Json:
    return reference_of(field, item)


def _object(field: Field, text: str) -> Json:
    return object_of(field, _json(field, text))


def _json(field: Field, text: str) -> Json:
    try:
        return _from_json(text)
    except ValueError as fault:
        raise WrongValue("MJ082", f"`{field.name}` is not valid JSON", help=str(fault)) from None


def _from_json(text: str) -> Json:
    """Raises ValueError for a text that is not JSON or has numbers that JSON has not, and _TooDeep."""
    try:
        value: Json = json.loads(text, parse_float=_finite, parse_constant=_finite)
    except RecursionError:
        raise _TooDeep from None
    _check_texts(value)
    return value


def _finite(written: str) -> float:
    number = float(written)
    if not isfinite(number):
        raise ValueError(f"`{written}` is not a finite number")
    return number


def _check_texts(value: Json) -> None:
    """Checks all texts, without recursion."""
    level = [value]
    for _ in range(_DEEPEST_JSON + 1):
        deeper: list[Json] = []
        for part in level:
            match part:
                case str():
                    _plain_text(part)
                case list():
                    deeper += part
                case dict():
                    deeper += part
                    deeper += part.values()
        level = deeper
    if level:
        raise _TooDeep


def _url(item: Json, *, entry: str = "") -> Json:
    if not isinstance(item, str):
        raise WrongValue("MJ076", f"`{json.dumps(item)}` is not a URL")
    if isinstance(item, SourceUrl):
        return SOURCE_URL
    if problem := url_problem(item):
        if item.casefold() in BLANKS:
            raise WrongValue("MJ076", f"`{item}` is not a URL", help=LEAVE_EMPTY, part=item, entry=entry)
        raise WrongValue("MJ076", problem.message, help=problem.help, part=item, entry=entry)
    return item
