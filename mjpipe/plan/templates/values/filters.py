"""Filters of mjpipe's own, which read texts as shops and spreadsheets write them."""

import json
import re
import unicodedata
from math import isfinite
from typing import Any

from mjpipe.plan.templates.values.value_faults import NAMED, ValueFault, refuse_list, text_of

# No text takes more than a few passes: what one alternative begins, none begins again. Compiled at first use.
_TAG = r"""
    <!--.*?(?:-->|\Z)
    | <(?P<unseen>script|style)\b.*?(?:</(?P=unseen)\s*>|\Z)
    | </?(?P<name>[a-z][a-z0-9]*)\b(?:(?:"[^"<]*"|'[^'<]*'|[^<>"'])*+>|[^<>]*>)
    | <[!?][^<>]*>
"""
_INLINE = frozenset(
    (
        *("a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "del", "dfn", "em", "font", "i", "ins", "kbd", "mark"),
        *("q", "s", "samp", "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr"),
    )
)
"""Elements within a line. All others keep the words around them apart."""

_LETTERS = {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ß": "ss", "&": " and "}
"""What is no letter with an accent, and has no other form in Unicode."""


def without_tags(value: Any) -> str:
    """The text of HTML, its entities read, on one line. Comments, scripts and styles are left out."""
    import html  # noqa: PLC0415 - its table of entities takes long to load, and most campaigns do not need it

    refuse_list(value)
    text = re.sub(_TAG, _gap, text_of(value), flags=re.IGNORECASE | re.DOTALL | re.VERBOSE)
    return " ".join(html.unescape(text).split())


def _gap(tag: re.Match[str]) -> str:
    return "" if (tag["name"] or "").lower() in _INLINE else " "


def slug(value: Any) -> str:
    """Small letters without accents and digits, with one hyphen in place of anything else between them."""
    refuse_list(value)
    plain = "".join(_LETTERS.get(sign, sign) for sign in text_of(value).lower())
    letters = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(sign))
    return re.sub(r"[\W_]+", "-", unicodedata.normalize("NFC", letters).lower()).strip("-")


def from_json(value: Any) -> Any:
    """The list, object or other value that a JSON text has."""
    if not isinstance(value, str):
        raise TypeError("`fromjson` takes a text")
    try:
        return json.loads(value, parse_float=_finite, parse_constant=_finite)
    except (ValueError, RecursionError) as fault:
        reason = fault.msg.lower() if isinstance(fault, json.JSONDecodeError) else "it has a value that is too large"
        advice = f"{reason}; a list with commas and no brackets is `{NAMED}.split(',')`"
        raise ValueFault("MJ109", "is not JSON", value=value, help=advice) from None


def _finite(written: str) -> float:
    read = float(written)
    if not isfinite(read):
        raise ValueError(written)
    return read
