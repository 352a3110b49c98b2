"""One line of a receipts file as values."""

import json
from collections.abc import Mapping
from typing import Any, NamedTuple, NoReturn, TypeAlias

from mjpipe.contract import Mode
from mjpipe.domain import Answered, Money, Usd
from mjpipe.ledger.receipts.checked_values import (
    LONGEST,
    MOST_IMAGES,
    UID,
    empty_or_text_in,
    image_of,
    moment_in,
    optional_count_in,
    optional_text_in,
    price_of,
    text_in,
    wrong,
)
from mjpipe.ledger.receipts.receipt import FORMAT, Event, PlacedImage

LONGEST_LINE = 1 << 18
"""Bytes. Ours have some 400, and more where several images were placed."""


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
        wrong("it is not JSON")
    if type(line) is not dict:
        wrong("it is not a JSON object")
    _check_format(line.get("mjpipe"))
    event = _EVENTS.get(text_in(line, "event"))
    at = moment_in(line, "at")
    match event:
        case None:
            wrong("it names an unknown `event`")
        case Event.RENAMED:
            return RenamedLine(_where(line), at, text_in(line, "node"), text_in(line, "first"))
        case Event.PICKED:
            key, words = text_in(line, "key", LONGEST), text_in(line, "words", LONGEST)
            return PickedLine(_where(line), at, key, empty_or_text_in(line, "node"), words, text_in(line, "task"))
    uid = text_in(line, "attempt")
    if not UID(uid):
        wrong("`attempt` is not an id")
    task = optional_text_in(line, "task")
    facts = _remembered_facts(uid, line)
    match event:
        case Event.ANSWERED:
            return AttemptLine(event, at, uid, facts, task, outcome=_outcome(line))
        case Event.ENDED:
            money, count, code = (
                _money(line),
                optional_count_in(line, "images", MOST_IMAGES),
                optional_text_in(line, "code"),
            )
            if money is Money.RESERVED or (count is None) == (code is None):
                wrong("it does not say how the task ended")
            return AttemptLine(event, at, uid, facts, task, money=money, image_count=count, code=code)
        case Event.PLACED:
            return AttemptLine(event, at, uid, facts, task, images=_images(line))
    return AttemptLine(event, at, uid, facts, task)


def _no_constant(name: str) -> NoReturn:
    wrong(f"`{name}` is not JSON")


_decode = json.JSONDecoder(parse_constant=_no_constant).decode

_EVENTS = {event.value: event for event in Event}
_OUTCOMES = {outcome.value: outcome for outcome in Answered}
_MONEY = {money.value: money for money in Money}
_MODES = frozenset(mode.value for mode in Mode)


def _check_format(number: object) -> None:
    if number == FORMAT and type(number) is int:
        return
    if type(number) is int and number > FORMAT:
        raise NewerFormat(f"it has format {number}, and this mjpipe reads up to {FORMAT}")
    wrong("it does not say which format it has (`mjpipe`)")


_FACTS = ("host", "campaign", "node", "key", "fingerprint", "mode", "speed", "source", "rerolls", "price")
_CHECKED: dict[str, tuple[list[Any], Facts]] = {}
"""Of the last attempts: the facts as their lines have them, and as values. The next line has the same ones."""
_MOST_CHECKED = 1024


def _where(line: Mapping[str, Any]) -> Where:
    return Where(optional_text_in(line, "host"), optional_text_in(line, "campaign"))


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
            wrong("`source` is not an object")
        source_key, source_task = text_in(source, "key", LONGEST), text_in(source, "task")
        source_number = optional_count_in(source, "number", MOST_IMAGES)
    mode = text_in(line, "mode")
    if mode not in _MODES:
        wrong("`mode` is not one of the service's")
    price = line.get("price")
    return Facts(
        optional_text_in(line, "host"),
        optional_text_in(line, "campaign"),
        text_in(line, "node"),
        text_in(line, "key", LONGEST),
        text_in(line, "fingerprint"),
        mode,
        optional_text_in(line, "speed"),
        source_key,
        source_task,
        source_number,
        optional_text_in(line, "rerolls"),
        None if price is None else price_of(price),
    )


def _outcome(line: Mapping[str, Any]) -> Answered:
    outcome = _OUTCOMES.get(text_in(line, "outcome"))
    if outcome is None:
        wrong("`outcome` is an unknown word")
    return outcome


def _money(line: Mapping[str, Any]) -> Money:
    money = _MONEY.get(text_in(line, "money"))
    if money is None:
        wrong("`money` is an unknown word")
    return money


def _images(line: Mapping[str, Any]) -> tuple[PlacedImage, ...]:
    images = line.get("images")
    if type(images) is not list or len(images) > MOST_IMAGES:
        wrong("`images` is not a list of images")
    return tuple(map(image_of, images))
