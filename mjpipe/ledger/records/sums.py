"""Sums over jobs and over attempts: what the reports add up, added up by SQLite."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from mjpipe.domain import JobState, Money, Usd, from_micros
from mjpipe.ledger.database import LedgerConnection, queries


@dataclass(frozen=True, slots=True, kw_only=True)
class SumGroup:
    """What jobs that are added up together have in common.

    `speed` is None for a request without one. `values` are the values of the columns in `by`, in their order, None for
    jobs without the column.
    """

    wanted: bool
    node: str
    mode: str
    speed: str | None
    state: JobState
    values: tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JobSum:
    """`usd` adds up the prices of the `priced` ones among `jobs`; the others' are not documented."""

    group: SumGroup
    jobs: int
    usd: Usd
    priced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptSum:
    """`usd` adds up the prices of the `priced` ones among `attempts`; `images` counts files on disk.

    `results` says whether these attempts hold their jobs' results, `recent` whether they were made at the moment that
    was asked about or later.
    """

    group: SumGroup
    money: Money
    results: bool
    recent: bool
    attempts: int
    usd: Usd
    priced: int
    images: int


_SQL = queries(__file__)

_JOB_SUMS, _ATTEMPT_SUMS = (_SQL[name].format(traits=_SQL["traits"]) for name in ("job_sums", "attempt_sums"))


def job_sums(connection: LedgerConnection, by: Sequence[str]) -> Iterator[JobSum]:
    """Of all jobs, in the order in which the plan first comes to each of the group; orphans come last."""
    for row in connection.execute(_JOB_SUMS, {"columns": json.dumps(by)}):
        *group, jobs, price, priced = row
        yield JobSum(group=_group(*group), jobs=jobs, usd=from_micros(price), priced=priced)


def attempt_sums(connection: LedgerConnection, by: Sequence[str], since: float) -> Iterator[AttemptSum]:
    """Of all attempts, in no order; `since` is the moment from which they are recent, seconds since the epoch."""
    for row in connection.execute(_ATTEMPT_SUMS, {"columns": json.dumps(by), "since": since}):
        *group, money, results, recent, attempts, price, priced, images = row
        yield AttemptSum(
            group=_group(*group),
            money=Money(money),
            results=bool(results),
            recent=bool(recent),
            attempts=attempts,
            usd=from_micros(price),
            priced=priced,
            images=images,
        )


def columns_tried(connection: LedgerConnection, table: Literal["row", "labels"]) -> list[str]:
    """The columns of the rows, or of the labels, as `table` says, of all jobs that were ever tried."""
    return [name for name, _, _ in connection.execute(_SQL["columns_tried"], {"table": table})]


def _group(wanted: int, node: str, mode: str, speed: str | None, state: str, values: str) -> SumGroup:
    return SumGroup(
        wanted=bool(wanted),
        node=node,
        mode=mode,
        speed=None if speed is None else str(speed),
        state=JobState(state),
        values=tuple(json.loads(values)),
    )
