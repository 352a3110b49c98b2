"""Attempts that are possibly billed."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from mjpipe.domain import JobKey, TaskId, Usd, from_micros
from mjpipe.ledger.database import LedgerConnection, queries

_SQL = queries(__file__)


class Risk(StrEnum):
    """Why an attempt is possibly billed."""

    IN_DOUBT = "in_doubt"
    """its answer was lost, and its job waits for a person"""
    NO_ANSWER = "no_answer"
    """a gateway answered in the service's place; its job was sent again, or given up"""
    FAILED = "failed"
    """its task failed, and no page says whether that is billed"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptAtRisk:
    """An attempt that is possibly billed, in the words of `AttemptRecord`; `number` counts those of its job."""

    key: JobKey
    wanted: bool
    risk: Risk
    number: int
    intended: float
    price: Usd | None
    task: TaskId | None
    evidence: str | None
    """what was seen of it, its task's failure too"""


def attempts_at_risk(connection: LedgerConnection) -> Iterator[AttemptAtRisk]:
    """In the order of the plan, those of orphans last."""
    return map(_at_risk, connection.rows(_AtRisk, _SQL["at_risk"]))


class _AtRisk(NamedTuple):
    key: str
    wanted: int
    number: int
    intended: float
    price: int | None
    task: str | None
    evidence: str | None
    fail_code: str | None
    fail_message: str | None
    reason: str | None
    in_doubt: int


def _at_risk(row: _AtRisk) -> AttemptAtRisk:
    failure = ": ".join(filter(None, (row.fail_code, row.fail_message)))
    return AttemptAtRisk(
        key=JobKey(row.key),
        wanted=bool(row.wanted),
        risk=Risk.IN_DOUBT if row.in_doubt else Risk.NO_ANSWER if row.task is None else Risk.FAILED,
        number=row.number,
        intended=row.intended,
        price=None if row.price is None else from_micros(row.price),
        task=None if row.task is None else TaskId(row.task),
        evidence=failure or row.evidence or (row.reason if row.in_doubt else None),
    )
