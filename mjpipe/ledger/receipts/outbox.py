"""What a ledger has on record and its receipts do not say yet."""

import json
from collections.abc import Iterator
from functools import lru_cache
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from mjpipe.contract import TASK_ID, Mode
from mjpipe.domain import Answered, Money, decimal_text, from_micros, iso
from mjpipe.ledger.database import LedgerConnection, queries
from mjpipe.ledger.receipts.receipt import FORMAT, Event

_SQL = queries(__file__)

_PARTS = (
    "pointers",
    "words",
    "pointers_disagree",
    "words_disagree",
    "made",
    "answered",
    "ended",
    "placed",
    "found_in_place",
    "set_aside",
    "made_aside",
    "renamed",
    "picked",
)
_EVENTS = (Event.INTENT, Event.ANSWERED, Event.ENDED, Event.PLACED, Event.SET_ASIDE)
_BEGINNINGS = tuple(f'{{"mjpipe":{FORMAT},"event":"{event}","at":"' for event in _EVENTS)

_REMEMBERED = 4096
"""Attempts with facts that are kept as text."""

Line = dict[str, Any]

_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Outbox:
    """Pointers to what has changed, which triggers of the connection write in the transaction of the change.

    A pointer is not durable: after a crash `put_all` finds what was lost with it.
    """

    def __init__(self, connection: LedgerConnection, *, host: str | None, campaign: str) -> None:
        self._connection = connection
        self._where = {"host": host, "campaign": campaign} if host else {"campaign": campaign}
        self._where_text = _encoded(self._where)[1:-1]
        self._facts: dict[tuple[int, str, str], str] = {}
        for part in _PARTS:
            connection.execute(_SQL[part])

    def put_all(self) -> None:
        """All that the ledger has on record is due."""
        self._connection.execute(_SQL["all_due"])
        self._connection.execute(_SQL["all_words_due"])

    def clear(self) -> None:
        """All of `lines` is in the receipts."""
        self._connection.execute("DELETE FROM receipts_due")
        self._connection.execute("DELETE FROM receipt_words_due")

    def lines(self) -> Iterator[str]:
        """What is due as receipts, by attempts in the order in which they were made."""
        for row in self._connection.rows(_Due, _SQL["due"]):
            named = (row.attempt, row.node, row.key)
            facts = self._facts.get(named) or self._remembered(named, row)
            moments = (row.intent, row.answered, row.ended, row.placed, row.aside)
            for beginning, at, more in zip(_BEGINNINGS, moments, _MORE, strict=True):
                if at is not None:
                    yield f'{beginning}{iso(at)}",{facts}{more(row)}}}\n'
        for event, words, at in self._connection.execute(
            "SELECT event, words, at FROM receipt_words_due ORDER BY 1, 2"
        ):
            line = {"mjpipe": FORMAT, "event": event, "at": iso(at), **self._where, **json.loads(words)}
            yield f"{_encoded(line)}\n"

    def _remembered(self, named: tuple[int, str, str], row: "_Due") -> str:
        """The facts of an attempt, made once for all lines of it, as long as its job has this name."""
        if len(self._facts) >= _REMEMBERED:
            self._facts.clear()
        facts = self._facts[named] = self._facts_of(row)
        return facts

    def _facts_of(self, row: "_Due") -> str:
        """Written by hand, like what the events add: an encoder takes several times as long."""
        request = json.loads(row.body).get("input") or {}
        source = "" if row.source_task is None else f',"source":{_encoded(_source(row))}'
        named = f'"attempt":"{row.uid}","node":{encode_basestring(row.node)},"key":{encode_basestring(row.key)}'
        sent = f"{_member('mode', request.get('mode'))}{_member('speed', request.get('speed'))}"
        rerolls = _member("rerolls", self._rerolled(row.job, request))
        price = "" if row.price is None else f',"price":"{_price(row.price)}"'
        fingerprint = encode_basestring(row.fingerprint)
        return f'{self._where_text},{named},"fingerprint":{fingerprint}{sent}{source}{rerolls}{price}'

    def _rerolled(self, job: int, request: Line) -> str | None:
        """The task of the same job that a person wanted again."""
        if request.get("mode") != Mode.REROLL:
            return None
        own = "SELECT task FROM attempts WHERE task = ? AND job = ?"
        task: str | None = self._connection.value(own, (request.get(TASK_ID), job))
        return task


class _Due(NamedTuple):
    """The times are None for what is not due. `images` are a list in JSON."""

    attempt: int
    intent: float | None
    answered: float | None
    ended: float | None
    placed: float | None
    aside: float | None
    uid: str
    node: str
    key: str
    fingerprint: str
    body: bytes
    source: str | None
    source_task: str | None
    source_number: int | None
    job: int
    price: int | None
    money: str
    outcome: str | None
    task: str | None
    fail_code: str | None
    image_count: int | None
    images: str | None


def _nothing(_: _Due) -> str:
    return ""


def _answer(row: _Due) -> str:
    money = Money.RESERVED if row.outcome in _WITH_TASK else row.money
    task = "" if row.task is None else f',"task":{encode_basestring(row.task)}'
    return f',"outcome":"{row.outcome}","money":"{money}"{task}'


def _end(row: _Due) -> str:
    if row.fail_code is None:
        return f',"money":"{row.money}","images":{row.image_count}'
    return f',"money":"{row.money}","code":{encode_basestring(row.fail_code)}'


def _place(row: _Due) -> str:
    return f',"images":{row.images}'


_WITH_TASK = (Answered.ACCEPTED, Answered.ADOPTED)
_MORE = (_nothing, _answer, _end, _place, _nothing)
"""What each of _EVENTS adds to its line."""


@lru_cache(maxsize=64)
def _price(count: int) -> str:
    return decimal_text(from_micros(count))


def _source(row: _Due) -> Line:
    source = {"key": row.source, "task": row.source_task, "number": row.source_number}
    return {name: value for name, value in source.items() if value is not None}


def _member(name: str, text: str | None) -> str:
    """Of an object, with a comma before it."""
    return "" if text is None else f',"{name}":{encode_basestring(text)}'
