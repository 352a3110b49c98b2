"""One line of a receipts file as values. It comes from outside: everything about it is checked and bounded."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn, TypeAlias

from mjpipe.contract import Mode
from mjpipe.domain import ZERO, Answered, Money, Usd, usd
from mjpipe.ledger.receipts.receipt import FORMAT, Event, PlacedImage

LONGEST_LINE = 1 << 18
"""Bytes. Ours have some 400, and more where several images were placed."""

LONGEST = 4096
"""Characters of a key or a path."""

LONGEST_WORD = 512
"""Characters of a taskId, as in `apixo`, and of every other name."""

MOST_IMAGES = 1000
LARGEST_IMAGE = 1 << 40

ORPHANS = ".orphans"
"""The one of our own folders in an output folder that holds images."""


class NewerFormat(ValueError):
    """A line that a newer release has written."""


class Facts(NamedTuple):
    """What every line about an attempt says of it."""

    host: str | None
    campaign: str | None
    node: str
    key: str
    fingerprint: str
    mode: str
    speed: str | None
    source_key: str | None
    source_task: str | None
    source_number: int | None
    rerolls: str | None
    price: Usd | None


class AttemptLine(NamedTuple):
    """What one line says of the attempt `uid`. `task` may stand in each of them, the rest as in `Event`.

    `image_count` is how many images came, None for a failure.
    """

    event: Event
    at: float
    uid: str
    facts: Facts
    task: str | None
    outcome: Answered | None = None
    money: Money | None = None
    image_count: int | None = None
    code: str | None = None
    images: tuple[PlacedImage, ...] = ()


class Where(NamedTuple):
    """Of which host and campaign a line speaks, None where it does not say."""

    host: str | None
    campaign: str | None


class RenamedLine(NamedTuple):
    where: Where
    at: float
    node: str
    first: str


class PickedLine(NamedTuple):
    where: Where
    at: float
    key: str
    node: str
    words: str
    task: str


Line: TypeAlias = AttemptLine | RenamedLine | PickedLine


def parse(text: bytes) -> Line:
    """The line without its end. Raises ValueError, with what is wrong in a few words, and NewerFormat."""
    try:
        line = _decode(text.decode("utf-8"))
    except (ValueError, RecursionError):
        _wrong("it is not JSON")
    if type(line) is not dict:
        _wrong("it is not a JSON object")
    _check_format(line.get("mjpipe"))
    event = _EVENTS.get(_text(line, "event"))
    at = _moment(_text(line, "at"))
    match event:
        case None:
            _wrong("it names an unknown `event`")
        case Event.RENAMED:
            return RenamedLine(_where(line), at, _text(line, "node"), _text(line, "first"))
        case Event.PICKED:
            key, words = _text(line, "key", LONGEST), _text(line, "words", LONGEST)
            return PickedLine(_where(line), at, key, _empty_or_text(line, "node"), words, _text(line, "task"))
    uid = _text(line, "attempt")
    if not _UID(uid):
        _wrong("`attempt` is not an id")
    task = _optional_text(line, "task")
    facts = _remembered_facts(uid, line)
    match event:
        case Event.ANSWERED:
            return AttemptLine(event, at, uid, facts, task, outcome=_outcome(line))
        case Event.ENDED:
            money, count, code = (
                _money(line),
                _optional_count(line, "images", MOST_IMAGES),
                _optional_text(line, "code"),
            )
            if money is Money.RESERVED or (count is None) == (code is None):
                _wrong("it does not say how the task ended")
            return AttemptLine(event, at, uid, facts, task, money=money, image_count=count, code=code)
        case Event.PLACED:
            return AttemptLine(event, at, uid, facts, task, images=_images(line))
    return AttemptLine(event, at, uid, facts, task)


def _wrong(words: str) -> NoReturn:
    raise ValueError(words)


def _no_constant(name: str) -> NoReturn:
    _wrong(f"`{name}` is not JSON")


_decode = json.JSONDecoder(parse_constant=_no_constant).decode

_EVENTS = {event.value: event for event in Event}
_OUTCOMES = {outcome.value: outcome for outcome in Answered}
_MONEY = {money.value: money for money in Money}
_MODES = frozenset(mode.value for mode in Mode)

_UID = re.compile(r"[0-9a-f]{8,64}\Z").match
_SHA256 = re.compile(r"[0-9a-f]{64}\Z").match
_PLAIN_PATH = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}/){0,8}[A-Za-z0-9_][A-Za-z0-9_.-]{0,199}\Z").match
_PLAIN = re.compile(r"[!-~]{1,512}\Z").match
"""What nearly all texts are, none of them too long."""
_UNFIT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]").search
"""Control characters, and halves of characters, which no ledger can hold."""


def _check_format(number: object) -> None:
    if number == FORMAT and type(number) is int:
        return
    if type(number) is int and number > FORMAT:
        raise NewerFormat(f"it has format {number}, and this mjpipe reads up to {FORMAT}")
    _wrong("it does not say which format it has (`mjpipe`)")


_FACTS = ("host", "campaign", "node", "key", "fingerprint", "mode", "speed", "source", "rerolls", "price")
_CHECKED: dict[str, tuple[list[Any], Facts]] = {}
"""Of the last attempts: the facts as their lines have them, and as values. The next line has the same ones."""
_MOST_CHECKED = 1024


def _where(line: Mapping[str, Any]) -> Where:
    return Where(_optional_text(line, "host"), _optional_text(line, "campaign"))


def _remembered_facts(uid: str, line: Mapping[str, Any]) -> Facts:
    """Checking each line costs more than reading it."""
    raw = [line.get(name) for name in _FACTS]
    checked = _CHECKED.get(uid)
    if checked is not None and checked[0] == raw:
        return checked[1]
    facts = _facts(line)
    if len(_CHECKED) >= _MOST_CHECKED:
        _CHECKED.clear()
    _CHECKED[uid] = raw, facts
    return facts


def _facts(line: Mapping[str, Any]) -> Facts:
    source_key = source_task = source_number = None
    source = line.get("source")
    if source is not None:
        if type(source) is not dict:
            _wrong("`source` is not an object")
        source_key, source_task = _text(source, "key", LONGEST), _text(source, "task")
        source_number = _optional_count(source, "number", MOST_IMAGES)
    mode = _text(line, "mode")
    if mode not in _MODES:
        _wrong("`mode` is not one of the service's")
    price = line.get("price")
    return Facts(
        _optional_text(line, "host"),
        _optional_text(line, "campaign"),
        _text(line, "node"),
        _text(line, "key", LONGEST),
        _text(line, "fingerprint"),
        mode,
        _optional_text(line, "speed"),
        source_key,
        source_task,
        source_number,
        _optional_text(line, "rerolls"),
        None if price is None else _price(price),
    )


def _text(line: Mapping[str, Any], name: str, most: int = LONGEST_WORD) -> str:
    value = line.get(name)
    if type(value) is not str:
        _wrong(f"`{name}` is missing, or is not text")
    if _PLAIN(value):
        return value
    if not value.strip() or len(value) > most:
        _wrong(f"`{name}` is empty, or too long")
    if _UNFIT(value):
        _wrong(f"`{name}` has a character that cannot be in it")
    return value


def _optional_text(line: Mapping[str, Any], name: str) -> str | None:
    return None if line.get(name) is None else _text(line, name)


def _empty_or_text(line: Mapping[str, Any], name: str) -> str:
    return "" if line.get(name) in (None, "") else _text(line, name)


def _optional_count(line: Mapping[str, Any], name: str, most: int) -> int | None:
    value = line.get(name)
    if value is not None and (type(value) is not int or not 0 <= value <= most):
        _wrong(f"`{name}` is not a whole number from 0 to {most}")
    return value


def _count(line: Mapping[str, Any], name: str, most: int) -> int:
    value = _optional_count(line, name, most)
    if value is None:
        _wrong(f"`{name}` is missing")
    return value


def _moment(text: str) -> float:
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.timestamp()
    except (ValueError, OverflowError):
        pass
    _wrong("`at` is not a time in UTC")


@lru_cache(maxsize=256)
def _amount(text: str) -> Usd:
    amount = usd(text)
    if amount < ZERO:
        _wrong("`price` is below 0")
    return amount


def _price(value: object) -> Usd:
    if type(value) is not str or len(value) > LONGEST_WORD:
        _wrong("`price` is not an amount as text")
    return _amount(value)


def _outcome(line: Mapping[str, Any]) -> Answered:
    outcome = _OUTCOMES.get(_text(line, "outcome"))
    if outcome is None:
        _wrong("`outcome` is an unknown word")
    return outcome


def _money(line: Mapping[str, Any]) -> Money:
    money = _MONEY.get(_text(line, "money"))
    if money is None:
        _wrong("`money` is an unknown word")
    return money


def _images(line: Mapping[str, Any]) -> tuple[PlacedImage, ...]:
    images = line.get("images")
    if type(images) is not list or len(images) > MOST_IMAGES:
        _wrong("`images` is not a list of images")
    return tuple(map(_image, images))


def _image(image: object) -> PlacedImage:
    if type(image) is not dict:
        _wrong("`images` is not a list of images")
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
    path, sha256 = _text(image, "path", LONGEST), _text(image, "sha256")
    if not is_below_outputs(path):
        _wrong("`path` is not below the output folder")
    if not _SHA256(sha256):
        _wrong("`sha256` is not one")
    return PlacedImage(
        number=_count(image, "number", MOST_IMAGES), path=path, sha256=sha256, size=_count(image, "size", LARGEST_IMAGE)
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
