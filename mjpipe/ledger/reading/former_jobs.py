"""What planned jobs stood for before, why jobs failed, and what orphans cost: for lists of jobs."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mjpipe.domain import Fingerprint, JobKey, JobState, JsonObject, Usd, from_micros
from mjpipe.ledger.database import LedgerConnection, queries

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FailedBecause:
    """Why a job failed, was skipped or is in doubt: for people, and the code that groups it; None if not on record."""

    reason: str | None
    code: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanedJob:
    """A job that was made, or is in flight. `paid` is None without a documented price."""

    key: JobKey
    node: str
    state: JobState
    paid: Usd | None


class FormerJobs:
    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection

    def request(self, key: JobKey, fingerprint: Fingerprint) -> JsonObject | None:
        """The request of the latest other job under this key; None without one."""
        row = self._connection.execute(_SQL["request"], (key, fingerprint)).fetchone()
        if row is None:
            return None
        request: JsonObject = json.loads(row[0])
        return request

    def failed_because(self, key: JobKey, fingerprint: Fingerprint) -> FailedBecause | None:
        """None for a job that is not on record."""
        row = self._connection.execute(_SQL["failed_because"], (key, fingerprint)).fetchone()
        return None if row is None else FailedBecause(reason=row[0], code=row[1])

    def orphans(self, rows: Iterable[int]) -> Iterator[OrphanedJob]:
        """Those of the `rows` that were made or are in flight, in the order of the plan that asked for them."""
        for key, node, state, paid, unpriced in self._connection.execute(_SQL["orphans"], (json.dumps([*rows]),)):
            yield OrphanedJob(
                key=JobKey(key), node=node, state=JobState(state), paid=None if unpriced else from_micros(paid)
            )
