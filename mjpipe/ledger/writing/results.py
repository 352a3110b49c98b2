"""Results of tasks: images, failures, and new URLs."""

from collections.abc import Sequence

from mjpipe.contract import IMAGE_NOT_READ, RESULT_URL_LIFETIME
from mjpipe.domain import IMAGES_GONE, JobState, Money
from mjpipe.ledger.database import LedgerConnection, queries, transaction
from mjpipe.ledger.offers import Result, result_of
from mjpipe.ledger.values import InFlight, Verdict
from mjpipe.ledger.writing.transitions import expire_source_urls, move

_SQL = queries(__file__)


class Results:
    """Records what the service says about tasks. An extra changes nothing about its job."""

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection

    def record_success(
        self,
        task: InFlight,
        *,
        urls: Sequence[str],
        actions: str | None,
        created: float | None,
        completed: float | None,
        now: float,
    ) -> None:
        """The image URLs are known: the price is spent, followers may be released (see `FollowUps`).

        The result of a reroll replaces the one before. URLs that may have expired are checked before they are sent.
        """
        urls_at = now if completed is None or now < completed + RESULT_URL_LIFETIME else 0.0
        with transaction(self._connection):
            values = (now, urls_at, actions, created, completed, task.attempt)
            if not self._connection.execute(_SQL["succeeded"], values).rowcount:
                return  # a run from which this one took the state over has recorded it meanwhile
            images = [(task.attempt, number, url) for number, url in enumerate(urls)]
            self._connection.executemany(_SQL["image"], images)
            if not task.extra:
                move(self._connection, task.job, JobState.SUBMITTED, Verdict(state=JobState.SUCCEEDED))
                self._connection.execute(
                    "UPDATE jobs SET reroll_of = NULL WHERE id = ? AND reroll_of IS NOT NULL", (task.job,)
                )

    def record_failure(
        self, task: InFlight, *, fail_code: str, message: str, money: Money, verdict: Verdict, now: float
    ) -> None:
        """The task failed. `verdict` says what that means for the job, unless it is an extra."""
        with transaction(self._connection):
            self._connection.execute(_SQL["failed"], (money, now, fail_code, message, task.attempt))
            if fail_code in IMAGE_NOT_READ:
                source = self._connection.value("SELECT source FROM jobs WHERE id = ?", (task.job,))
                expire_source_urls(self._connection, [source])
            if not task.extra:
                move(self._connection, task.job, JobState.SUBMITTED, verdict)

    def record_unknown(self, task: InFlight, *, reason: str, now: float) -> None:
        """The service does not know a task that was recovered, or no longer: it is paid, and its images are gone."""
        verdict = Verdict(state=JobState.FAILED, reason=reason, code=IMAGES_GONE)
        with transaction(self._connection):
            self._connection.execute(_SQL["unknown"], (now, task.attempt))
            if not task.extra:
                move(self._connection, task.job, JobState.SUBMITTED, verdict)
                self._connection.execute(
                    "UPDATE jobs SET code = 'task_unknown' WHERE id = ? AND reroll_of IS NOT NULL", (task.job,)
                )

    def record_urls(self, attempt: int, urls: Sequence[str], now: float) -> None:
        """The service has sent the URLs of a task's images again; none when it did not."""
        with transaction(self._connection):
            self._connection.execute("UPDATE attempts SET urls_at = ? WHERE id = ?", (now, attempt))
            self._connection.executemany(
                "UPDATE images SET url = ? WHERE attempt = ? AND number = ?",
                [(url, attempt, number) for number, url in enumerate(urls)],
            )

    def result_of(self, job: int) -> Result:
        """The result of a job that has succeeded."""
        return result_of(self._connection, self._connection.value("SELECT attempt FROM jobs WHERE id = ?", (job,)))
