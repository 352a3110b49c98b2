"""What a ledger has on record and its receipts do not say yet."""

import json
from collections.abc import Iterator, Mapping
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
        self._facts: dict[tuple[int, str, str], str] = {}
        for part in _PARTS:
            connection.execute(_SQL[part])

    def put_all(self) -> None:
        """All that the ledger has on record is due."""
        self._connection.execute(_SQL["all_due"])
        self._connection.execute(_SQL["all_words_due"])

    def is_empty(self) -> bool:
        any_due = "SELECT 1 FROM receipts_due UNION ALL SELECT 1 FROM receipt_words_due LIMIT 1"
        return self._connection.value(any_due) is None

    def clear(self) -> None:
        """All of `lines` is in the receipts."""
        self._connection.execute("DELETE FROM receipts_due")
        self._connection.execute("DELETE FROM receipt_words_due")

    def lines(self) -> Iterator[str]:
        """What is due as receipts, by attempts in the order in which they were made."""
        for row in self._connection.rows(_Due, _SQL["due"]):
            named = (row.attempt, row.node, row.key)
            facts = self._facts.get(named) or self._remembered(named, row)
            yield f'{_BEGINNINGS[row.event]}{iso(row.at)}",{facts}{_more(row)}}}\n'
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
        facts = {
            "attempt": row.uid,
            "node": row.node,
            "key": row.key,
            "fingerprint": row.fingerprint,
            "mode": request.get("mode"),
            "speed": request.get("speed"),
        }
        after = {
            "rerolls": self._rerolled(row.job, request),
            "price": None if row.price is None else _price(row.price),
        }
        source = "" if row.source_task is None else f',"source":{_encoded(_source(row))}'
        return f"{_texts(self._where | facts)}{source}{_texts(after)}"[1:]

    def _rerolled(self, job: int, request: Line) -> str | None:
        """The task of the same job that a person wanted again."""
        if request.get("mode") != Mode.REROLL:
            return None
        own = "SELECT task FROM attempts WHERE task = ? AND job = ?"
        task: str | None = self._connection.value(own, (request.get(TASK_ID), job))
        return task


class _Due(NamedTuple):
    """`images` are their count when the attempt has ended, and a list in JSON when they were placed."""

    attempt: int
    event: int
    at: float
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
    images: int | str | None


def _more(row: _Due) -> str:
    """What the event adds to the line."""
    match _EVENTS[row.event]:
        case Event.ANSWERED:
            money = Money.RESERVED if row.outcome in (Answered.ACCEPTED, Answered.ADOPTED) else row.money
            task = "" if row.task is None else f',"task":{encode_basestring(row.task)}'
            return f',"outcome":"{row.outcome}","money":"{money}"{task}'
        case Event.ENDED if row.fail_code is not None:
            return f',"money":"{row.money}","code":{encode_basestring(row.fail_code)}'
        case Event.ENDED:
            return f',"money":"{row.money}","images":{row.images}'
        case Event.PLACED:
            return f',"images":{row.images}'
        case _:
            return ""


@lru_cache(maxsize=64)
def _price(count: int) -> str:
    return decimal_text(from_micros(count))


def _source(row: _Due) -> Line:
    source = {"key": row.source, "task": row.source_task, "number": row.source_number}
    return {name: value for name, value in source.items() if value is not None}


def _texts(values: Mapping[str, str | None]) -> str:
    """Members of an object, each with a comma before it."""
    return "".join([f',"{name}":{encode_basestring(text)}' for name, text in values.items() if text is not None])
