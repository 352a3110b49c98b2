"""One line of a receipts file as values."""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from sys import intern
from typing import Any, NamedTuple, NoReturn, TypeAlias

from mjpipe.contract import Mode
from mjpipe.domain import Answered, Money, Usd
from mjpipe.ledger.receipts.checked_values import (
    LONGEST,
    MOST_IMAGES,
    PLAIN_PATH,
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
    return _as_we_write_it(text) or _of_any_order(text)


def _of_any_order(text: bytes) -> Line:
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
    facts = _facts(line)
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


def _where(line: Mapping[str, Any]) -> Where:
    return Where(optional_text_in(line, "host"), optional_text_in(line, "campaign"))


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
    host, campaign, speed = (optional_text_in(line, name) for name in ("host", "campaign", "speed"))
    return Facts(
        host and intern(host),
        campaign and intern(campaign),
        intern(text_in(line, "node")),
        text_in(line, "key", LONGEST),
        text_in(line, "fingerprint"),
        intern(mode),
        speed and intern(speed),
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


_TEXT = r'"[^"\\]*(?:\\.[^"\\]*)*"'
_BEGINNING = re.compile(
    r'\{"mjpipe":1,"event":"([a-z_]+)","at":"([0-9-]{10}T[0-9:.]{12}Z)",'
    rf'(?=(?:"host":{_TEXT},)?(?:"campaign":{_TEXT},)?"attempt":"([0-9a-f]{{8,64}})")'
).match
_OUR_FACTS = re.compile(
    rf'(?:"host":{_TEXT},)?(?:"campaign":{_TEXT},)?"attempt":{_TEXT},"node":{_TEXT},"key":{_TEXT},"fingerprint":{_TEXT}'
    rf',"mode":{_TEXT}(?:,"speed":{_TEXT})?(?:,"source":\{{(?:[^{{}}"]|{_TEXT})*\}})?(?:,"rerolls":{_TEXT})?(?:,"price":{_TEXT})?'
).match
_PLAIN_TEXT = r'"([!#-\[\]-~]{1,512})"'
_ANSWER = re.compile(rf',"outcome":"([a-z_]+)","money":"([a-z_]+)"(?:,"task":{_PLAIN_TEXT})?\}}').fullmatch
_END = re.compile(rf',"money":"([a-z_]+)",(?:"images":(0|[1-9][0-9]{{0,2}})|"code":{_PLAIN_TEXT})\}}').fullmatch
_IMAGE = re.compile(
    rf'\{{"number":(0|[1-9][0-9]{{0,2}}),"path":"({PLAIN_PATH})","sha256":"([0-9a-f]{{64}})"'
    r',"size":(0|[1-9][0-9]{0,11})\}(,|\]\}\Z)'
).match
_IMAGES = ',"images":['

_CHECKED: dict[str, tuple[str, Facts]] = {}
"""Of the last attempts: their facts as a line has them, checked. The other lines have the same text."""
_MOST_CHECKED = 1024


def _as_we_write_it(text: bytes) -> AttemptLine | None:
    """A line about an attempt as `outbox` writes it, with nothing unusual in it; None for any other one.

    Every member stands once and at its place, so that the text of the facts alone decides what they are.
    """
    try:
        line = text.decode()
        begun = _BEGINNING(line)
        if begun is None:
            return None
        event, written, uid = begun.groups()
        at = datetime.fromisoformat(written).timestamp()
        begin = begun.end()
        checked = _CHECKED.get(uid)
        if checked is None or not line.startswith(checked[0], begin):
            checked = _checked(uid, line, begin)
        if checked is None:
            return None
        return _with_rest(event, at, uid, checked[1], line, begin + len(checked[0]))
    except (ValueError, OverflowError, RecursionError):
        return None


def _checked(uid: str, line: str, begin: int) -> tuple[str, Facts] | None:
    ours = _OUR_FACTS(line, begin)
    if ours is None:
        return None
    if len(_CHECKED) >= _MOST_CHECKED:
        _CHECKED.clear()
    checked = _CHECKED[uid] = ours[0], _facts(_decode(f"{{{ours[0]}}}"))
    return checked


def _with_rest(event: str, at: float, uid: str, facts: Facts, line: str, begin: int) -> AttemptLine | None:
    match event:
        case Event.INTENT | Event.SET_ASIDE if line[begin:] == "}":
            return AttemptLine(_EVENTS[event], at, uid, facts, None)
        case Event.ANSWERED if answer := _ANSWER(line, begin):
            outcome, money, task = answer.groups()
            if money in _MONEY and outcome in _OUTCOMES:
                return AttemptLine(Event.ANSWERED, at, uid, facts, task, outcome=_OUTCOMES[outcome])
        case Event.ENDED if end := _END(line, begin):
            word, images, code = end.groups()
            money = _MONEY.get(word)
            if money is not None and money is not Money.RESERVED:
                count = None if images is None else int(images)
                return AttemptLine(Event.ENDED, at, uid, facts, None, money=money, image_count=count, code=code)
        case Event.PLACED if line.startswith(_IMAGES, begin):
            return _placed(at, uid, facts, line, begin + len(_IMAGES))
    return None


def _placed(at: float, uid: str, facts: Facts, line: str, begin: int) -> AttemptLine | None:
    images: list[PlacedImage] = []
    while image := _IMAGE(line, begin):
        number, path, sha256, size, then = image.groups()
        images.append(PlacedImage(number=int(number), path=path, sha256=sha256, size=int(size)))
        if then != ",":
            return AttemptLine(Event.PLACED, at, uid, facts, None, images=tuple(images))
        begin = image.end()
    return None
