"""Source images that jobs send by their URLs, which the service has to be able to open."""

from collections.abc import Collection, Mapping, Sequence

from mjpipe.domain import JobKey, JobState, Usd
from mjpipe.ledger.database import LedgerConnection, queries, transaction
from mjpipe.ledger.values import SENDS_URL, SourceImages, Verdict
from mjpipe.ledger.writing.queue import Queue
from mjpipe.ledger.writing.results import Results
from mjpipe.ledger.writing.transitions import move

_SQL = queries(__file__)


class SourceChecks:
    """Which source images have to be checked before they are sent, and what was found."""

    def __init__(self, connection: LedgerConnection, queue: Queue, results: Results) -> None:
        self._connection = connection
        self._queue = queue
        self._results = results

    def are_needed(self) -> bool:
        """Whether some wanted job sends the URL of an image that another job made."""
        query = "SELECT 1 FROM jobs WHERE wanted = 1 AND source IS NOT NULL AND instr(request, ?) LIMIT 1"
        return self._connection.value(query, (SENDS_URL,)) is not None

    def due(
        self, *, limit: int, budget: Usd | None, as_of: float, elapsed: float, stopped: Collection[str] = ()
    ) -> list[SourceImages]:
        """Source images of the first `limit` jobs that `Submissions.intend`, with the same `as_of`, leaves out until
        they have been checked.
        """
        found: dict[int, SourceImages] = {}
        for attempt, task, key, number, url in self._queue.sources_to_check(
            limit, elapsed, as_of=as_of, priced_only=budget is not None, stopped=stopped
        ):
            found.setdefault(attempt, SourceImages(attempt=attempt, task=task, key=key, urls={})).urls[number] = url
        return [*found.values()]

    def record(
        self, source: SourceImages, *, urls: Sequence[str], unusable: Mapping[int, Verdict], now: float
    ) -> list[tuple[JobKey, str, Verdict]]:
        """Images were checked: the service sent `urls`, or none. Jobs that would send one of the `unusable` end unsent,
        with its verdict; also jobs outside the part that this run is restricted to. Returns key, node and verdict of
        each.
        """
        with transaction(self._connection):
            self._results.record_urls(source.attempt, urls, 0.0 if unusable else now)
            ended: list[tuple[JobKey, str, Verdict]] = []
            for number, verdict in unusable.items():
                for job, key, node in self._sending(source.attempt, number):
                    move(self._connection, job, JobState.READY, verdict)
                    ended.append((key, node, verdict))
        return ended

    def _sending(self, attempt: int, number: int) -> list[tuple[int, JobKey, str]]:
        """All jobs that would send the URL of an image: id, key and node."""
        values = {"attempt": attempt, "number": number, "url": SENDS_URL}
        rows = self._connection.execute(_SQL["jobs_sending"], values)
        return [(job, JobKey(key), node) for job, key, node in rows]
