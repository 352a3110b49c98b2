"""Sums over jobs and over attempts: what the reports add up, added up by SQLite."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from mjpipe.domain import JobState, Money, Usd, from_micros
from mjpipe.ledger.rerolls import MADE


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """What jobs have in common that are added up together.

    `speed` is None where the request has none. `values` are those of the columns that were asked for, in their order,
    None for jobs without the column.
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

    traits: Traits
    jobs: int
    usd: Usd
    priced: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptSum:
    """`usd` adds up the prices of the `priced` ones among `attempts`; `images` counts files on disk.

    `results` says whether these attempts hold their jobs' results, `recent` whether they were made at the moment that
    was asked about or later.
    """

    traits: Traits
    money: Money
    results: bool
    recent: bool
    attempts: int
    usd: Usd
    priced: int
    images: int


_TRAITS = ("j.wanted", "j.node", "json_extract(j.request, '$.mode')", "json_extract(j.request, '$.speed')", "j.state")

_VALUE = """coalesce((SELECT value FROM json_each(j.labels) WHERE key = ?),
                     (SELECT value FROM json_each(j.row) WHERE key = ?))"""

_RESULT = f"CASE WHEN {MADE} THEN j.attempt ELSE j.reroll_of END"
"""The attempt that holds a job's result, as `JobRecord.result` has it."""

_PARTS = ("a.money", f"a.id IS {_RESULT}", "a.intended >= ?")


def job_sums(connection: sqlite3.Connection, by: Sequence[str]) -> Iterator[JobSum]:
    """Of all jobs, in the order in which the plan first comes to each of the traits; orphans come last."""
    select, named = _select(by, ())
    query = (
        f"SELECT {select}, count(*), coalesce(sum(j.price), 0), count(j.price) FROM jobs j"  # noqa: S608 - our own names
        f" GROUP BY {named} ORDER BY j.wanted DESC, min(j.position)"
    )
    for row in connection.execute(query, _twice(by)):
        *traits, jobs, price, priced = row
        yield JobSum(traits=_traits(traits), jobs=jobs, usd=from_micros(price), priced=priced)


def attempt_sums(connection: sqlite3.Connection, by: Sequence[str], since: float) -> Iterator[AttemptSum]:
    """Of all attempts, in no order; `since` is the moment from which they are recent, seconds since the epoch."""
    select, named = _select(by, _PARTS)
    query = (
        f"SELECT {select}, count(*), coalesce(sum(a.price), 0), count(a.price),"  # noqa: S608 - our own names
        " sum((SELECT count(path) FROM images WHERE attempt = a.id))"
        f" FROM attempts a JOIN jobs j ON j.id = a.job GROUP BY {named}"
    )
    for row in connection.execute(query, (*_twice(by), since)):
        *traits, money, results, recent, attempts, price, priced, images = row
        yield AttemptSum(
            traits=_traits(traits),
            money=Money(money),
            results=bool(results),
            recent=bool(recent),
            attempts=attempts,
            usd=from_micros(price),
            priced=priced,
            images=images,
        )


def columns_tried(connection: sqlite3.Connection, table: str) -> list[str]:
    """The columns of the rows, or of the labels, as `table` says, of all jobs that were ever tried."""
    query = (
        # SQLite takes `c.id`, the place in its row, from the job that has the least position.
        "SELECT c.key, min(j.position + CASE j.wanted WHEN 1 THEN 0 ELSE 1e15 END), c.id"  # noqa: S608 - our own names
        f" FROM jobs j, json_each(j.{table}) c WHERE EXISTS (SELECT 1 FROM attempts WHERE job = j.id)"
        " GROUP BY c.key ORDER BY 2, 3, 1"
    )
    return [name for name, _, _ in connection.execute(query)]


def _select(by: Sequence[str], parts: Sequence[str]) -> tuple[str, str]:
    """What to select, and the same by its numbers."""
    selected = [*_TRAITS, *(_VALUE for _ in by), *parts]
    return ", ".join(selected), ", ".join(str(number) for number, _ in enumerate(selected, start=1))


def _twice(by: Sequence[str]) -> list[str]:
    return [column for column in by for _ in ("labels", "row")]


def _traits(row: Sequence[Any]) -> Traits:
    wanted, node, mode, speed, state, *values = row
    return Traits(
        wanted=bool(wanted),
        node=node,
        mode=mode,
        speed=None if speed is None else str(speed),
        state=JobState(state),
        values=tuple(values),
    )
