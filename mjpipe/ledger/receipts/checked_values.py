"""Values of lines that come from outside: everything about them is checked and bounded.

All of it raises ValueError, with what is wrong in a few words.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NoReturn

from mjpipe.domain import ZERO, Usd, usd
from mjpipe.ledger.receipts.receipt import PlacedImage

LONGEST = 4096
"""Characters of a key or a path."""

LONGEST_WORD = 512
"""Characters of a taskId, as in `apixo`, and of every other name."""

MOST_IMAGES = 1000
LARGEST_IMAGE = 1 << 40

LATEST = 253_402_300_799.0
"""The end of the year 9999, in seconds since the epoch: nothing can show a later time."""

ORPHANS = ".orphans"
"""The one of our own folders in an output folder that holds images."""

UID = re.compile(r"[0-9a-f]{8,64}\Z").match
_SHA256 = re.compile(r"[0-9a-f]{64}\Z").match
PLAIN_PATH = "(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}/){0,8}[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}"
"""What nearly all paths are, each of them below the output folder."""
_PLAIN_PATH = re.compile(PLAIN_PATH + r"\Z").match
_PLAIN = re.compile(r"[!-~]{1,512}\Z").match
"""What nearly all texts are, none of them too long."""
_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]").search
"""Control characters, and halves of characters, which no ledger can hold."""


def wrong(words: str) -> NoReturn:
    raise ValueError(words)


def text_in(line: Mapping[str, Any], name: str, most: int = LONGEST_WORD) -> str:
    value = line.get(name)
    if type(value) is not str:
        wrong(f"`{name}` is missing, or is not text")
    if _PLAIN(value):
        return value
    if not value.strip() or len(value) > most:
        wrong(f"`{name}` is empty, or too long")
    if _UNFIT(value):
        wrong(f"`{name}` has a character that cannot be in it")
    return value


def optional_text_in(line: Mapping[str, Any], name: str) -> str | None:
    return None if line.get(name) is None else text_in(line, name)


def empty_or_text_in(line: Mapping[str, Any], name: str) -> str:
    return "" if line.get(name) in (None, "") else text_in(line, name)


def optional_count_in(line: Mapping[str, Any], name: str, most: int) -> int | None:
    value = line.get(name)
    if value is not None and (type(value) is not int or not 0 <= value <= most):
        wrong(f"`{name}` is not a whole number from 0 to {most}")
    return value


def count_in(line: Mapping[str, Any], name: str, most: int) -> int:
    value = optional_count_in(line, name, most)
    if value is None:
        wrong(f"`{name}` is missing")
    return value


def moment_in(line: Mapping[str, Any], name: str) -> float:
    """Seconds since the epoch."""
    text = text_in(line, name)
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None and 0 <= (seconds := moment.timestamp()) < LATEST:
            return seconds
    except (ValueError, OverflowError):
        pass
    wrong(f"`{name}` is not a time in UTC")


@lru_cache(maxsize=256)
def _amount(text: str) -> Usd:
    amount = usd(text)
    if amount < ZERO:
        wrong("`price` is below 0")
    return amount


def price_of(value: object) -> Usd:
    if type(value) is not str or len(value) > LONGEST_WORD:
        wrong("`price` is not an amount as text")
    return _amount(value)


def image_of(image: object) -> PlacedImage:
    if type(image) is not dict:
        wrong("`images` is not a list of images")
    path, sha256, number, size = image.get("path"), image.get("sha256"), image.get("number"), image.get("size")
    if (
        type(path) is str
        and _PLAIN_PATH(path)
        and type(sha256) is str
        and _SHA256(sha256)
        and type(number) is int
        and 0 <= number <= MOST_IMAGES
        and type(size) is int
        and 0 <= size <= LARGEST_IMAGE
    ):  # as nearly all are: what follows finds what is wrong, and takes longer
        return PlacedImage(number=number, path=path, sha256=sha256, size=size)
    path, sha256 = text_in(image, "path", LONGEST), text_in(image, "sha256")
    if not is_below_outputs(path):
        wrong("`path` is not below the output folder")
    if not _SHA256(sha256):
        wrong("`sha256` is not one")
    return PlacedImage(
        number=count_in(image, "number", MOST_IMAGES),
        path=path,
        sha256=sha256,
        size=count_in(image, "size", LARGEST_IMAGE),
    )


def is_below_outputs(path: str) -> bool:
    """Whether a path on record leads to a place where images may be: relative, below the folder, in none of our
    own folders but that of the orphans.
    """
    first, *_ = parts = path.split("/")
    return (
        all(part not in ("", ".", "..") for part in parts)
        and "\\" not in path
        and not re.match("[A-Za-z]:", path)
        and (not first.startswith(".") or (first == ORPHANS and len(parts) > 1))
    )
