"""The queue: which jobs are submitted next, of all that are ready, or of the part that a run is restricted to."""

import json
from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from mjpipe.contract import RESULT_URL_LIFETIME
from mjpipe.domain import Job, JobKey, TaskId, from_micros
from mjpipe.ledger.database import LedgerConnection, queries, transaction
from mjpipe.ledger.values import SENDS_URL, ReadyJob

URLS_CHECKED_FOR = 3600.0
"""Seconds for which the URL of a source image is trusted after the service has sent it, within its day."""

_SQL = queries(__file__)


def _asked_of(jobs: str, order: str) -> Mapping[str, str]:
    """The queries, about those jobs."""
    names = ("size", "next_due", "first", "sources_to_check")
    return {name: _SQL[name].format(jobs=jobs, order=order, check_first=_SQL["check_first"]) for name in names}


_ALL = _asked_of("jobs j", "j.depth DESC, j.position")
_PART = _asked_of("queue q CROSS JOIN jobs j ON j.id = q.job", "q.depth DESC, q.position")


class Queue:
    """Ready jobs that are wanted, deepest first and then in the order of the plan.

    Once jobs have been chosen, only those. Jobs of `stopped` nodes are left out; jobs that are due later than
    `elapsed`, in seconds since the run began, have to wait.
    """

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection
        self._choosing = False
        for name in ("make_chosen", "make_part", "make_queue", "make_jobs_in_part"):
            connection.execute(_SQL[name])

    def choose(self, jobs: Iterable[Job]) -> None:
        """From now on and for as long as this ledger is open, only jobs that were chosen are submitted."""
        self._choosing = True
        self._connection.executemany(
            "INSERT OR IGNORE INTO chosen VALUES (?, ?)", ((job.key, job.fingerprint) for job in jobs)
        )

    def size(self) -> int:
        """How many there are, also of stopped nodes, and those that have to wait."""
        return int(self._connection.value(self._queries(())["size"]))

    def first(
        self, limit: int, elapsed: float, *, as_of: float, priced_only: bool, stopped: Collection[str]
    ) -> list[ReadyJob]:
        """The next jobs, without those that have source images to look at first."""
        query, values = self._queries(stopped)["first"], _values(limit, elapsed, as_of, priced_only=priced_only)
        return [_ready(row) for row in self._connection.rows(_Ready, query, values)]

    def next_due(self, elapsed: float, *, priced_only: bool, stopped: Collection[str]) -> float | None:
        """When the next of those that have to wait is due, None without any."""
        query, values = self._queries(stopped)["next_due"], {"elapsed": elapsed, "priced_only": priced_only}
        moment = self._connection.value(query, values)
        return None if moment is None else float(moment)

    def sources_to_check(
        self, limit: int, elapsed: float, *, as_of: float, priced_only: bool, stopped: Collection[str]
    ) -> list[tuple[int, TaskId, JobKey, int, str]]:
        """Source images that have to be checked before the first jobs that send them are submitted.

        Of each: its attempt, task, the key of its job, its number and its URL.
        """
        query = self._queries(stopped)["sources_to_check"]
        rows = self._connection.execute(query, _values(limit, elapsed, as_of, priced_only=priced_only))
        return [(attempt, TaskId(task), JobKey(key), number, url) for attempt, task, key, number, url in rows]

    def _queries(self, stopped: Collection[str]) -> Mapping[str, str]:
        """The queries about all jobs, or about the part, which is made on first use."""
        if not (self._choosing or stopped):
            return _ALL
        words = json.dumps({"choosing": self._choosing, "stopped": sorted(stopped)})
        with transaction(self._connection):
            if self._connection.value("SELECT words FROM part") != words:
                self._connection.execute("DELETE FROM part")
                self._connection.execute("INSERT INTO part VALUES (?)", (words,))
                self._connection.execute("DELETE FROM queue")
                for name in ("fill", "watch_changes", "watch_inserts", "watch_deletes"):
                    self._connection.execute(_SQL[name])
        return _PART


def _values(limit: int, elapsed: float, as_of: float, *, priced_only: bool) -> dict[str, object]:
    return {
        "limit": limit,
        "elapsed": elapsed,
        "as_of": as_of,
        "priced_only": priced_only,
        "url": SENDS_URL,
        "checked_for": URLS_CHECKED_FOR,
        "lifetime": RESULT_URL_LIFETIME,
    }


class _Ready(NamedTuple):
    id: int
    key: str
    node: str
    request: str
    price: int | None
    source_task: str | None
    source_url: str | None
    rerolls: str | None


def _ready(row: _Ready) -> ReadyJob:
    return ReadyJob(
        id=row.id,
        key=JobKey(row.key),
        node=row.node,
        request=json.loads(row.request),
        price=None if row.price is None else from_micros(row.price),
        source_task=None if row.source_task is None else TaskId(row.source_task),
        source_url=row.source_url,
        rerolls=None if row.rerolls is None else TaskId(row.rerolls),
    )
