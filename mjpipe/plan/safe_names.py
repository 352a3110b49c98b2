"""Safe names: variables for columns, and parts of keys and paths for values."""

import hashlib
import json
import re
import unicodedata
from base64 import b32encode
from collections.abc import Mapping
from functools import lru_cache

BUILT_IN = frozenset({"node", "key", "image", "number", "take", "ext", "row", "vars", "source"})
"""Names that have a meaning in mjpipe."""

TAKEN = BUILT_IN | {
    *("true", "false", "none", "True", "False", "None", "and", "or", "not", "in", "is", "if", "else"),
    *("range", "dict", "namespace", "loop", "self", "caller", "varargs", "kwargs"),
}
"""These and Jinja's own. A column with such a name is reached through `row`."""

NAMELESS = "\0"
"""Begins the placeholder for a column without a usable name; no template can contain it."""

LONGEST_PART = 100
"""Bytes of one value within a key or path."""

HASH_LENGTH = 8

RESERVED = re.compile(r"(?:con|prn|aux|nul|com[1-9]|lpt[1-9])(?:\.|$)", re.IGNORECASE)
"""File names that Windows keeps for devices, whatever their ending."""

_READY = re.compile(r"[A-Za-z0-9_-](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
_RATIO = re.compile(r"(?<=\d):(?=\d)")
_NO_IDENTIFIER = re.compile(r"\W")


def identifier(column: str) -> str:
    """The variable name of a column, normalised to NFC: `2nd price` is `_2nd_price`."""
    name = _NO_IDENTIFIER.sub("_", unicodedata.normalize("NFC", column))
    return f"_{name}" if name[:1].isdigit() else name


@lru_cache(maxsize=8192)
def sanitised(value: str) -> str:
    """`value` as a part of a key or path, at most `LONGEST_PART` bytes long; empty only if `value` is empty.

    Marks count as letters, because scripts such as Devanagari and Thai cannot be written without them.
    """
    if len(value) <= LONGEST_PART and _READY.fullmatch(value) and not RESERVED.match(value):
        return value
    text = _RATIO.sub("x", unicodedata.normalize("NFC", value))
    text = "".join(char if _stays(char) else "-" for char in text)
    inner = text.strip(".")
    if inner != text:
        lead = len(text) - len(text.lstrip(".")) if inner else len(text)
        text = "_" * lead + inner + "_" * (len(text) - lead - len(inner))
    if RESERVED.match(text):
        text = f"_{text}"
    return shortened(text, LONGEST_PART, of=value)


def shortened(text: str, longest: int, *, of: str) -> str:
    """`text` cut to `longest` bytes of UTF-8; a cut text ends in a hash of `of`."""
    encoded = text.encode("utf-8", "replace")
    if len(encoded) <= longest:
        return text
    return f"{encoded[: longest - HASH_LENGTH - 1].decode('utf-8', 'ignore')}-{short_hash(of)}"


def short_hash(text: str) -> str:
    """8 letters and digits, the same for equal texts."""
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return b32encode(digest[:5]).decode("ascii").lower()


def key_part(value: str) -> str:
    """A value as one of the parts of a key, which are never empty."""
    return sanitised(value) or "_"


def hashed_cells(cells: Mapping[str, str]) -> str:
    """The key of a row that has no key columns; the order of the columns does not matter."""
    return short_hash(json.dumps(dict(cells), sort_keys=True, separators=(",", ":")))


def _stays(char: str) -> bool:
    return char in "._-" or char.isalnum() or unicodedata.category(char).startswith("M")
