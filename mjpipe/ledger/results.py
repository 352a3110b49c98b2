"""What came of tasks: images, failures, and what their ends mean for the jobs behind them."""

from collections.abc import Iterable, Sequence

from mjpipe.contract import IMAGE_NOT_READ, RESULT_URL_LIFETIME
from mjpipe.domain import IMAGES_GONE, JobState, Money
from mjpipe.ledger.database import transaction
from mjpipe.ledger.decisions import Decisions
from mjpipe.ledger.transitions import distrust_sources, move, unexpected
from mjpipe.ledger.values import SENDS_URL, Checked, ImageOnDisk, InFlight, Stored, Verdict


class Results(Decisions):
    """The part of the ledger that takes the service's word about tasks, and the disk's about images.

    What becomes of an extra changes nothing about its job.
    """

    def succeeded(
        self,
        task: InFlight,
        *,
        urls: Sequence[str],
        actions: str | None,
        created: float | None,
        completed: float | None,
        now: float,
    ) -> None:
        """The image URLs are known: the price is spent, followers may be released (see `followers`).

        The result of a reroll takes the place of the one before. URLs that are older than they last are
        looked at before they are sent.
        """
        urls_at = now if completed is None or now < completed + RESULT_URL_LIFETIME else 0.0
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE attempts SET"
                " money = 'spent', finished = ?, urls_at = ?, actions = ?, created = ?, completed = ? WHERE id = ?",
                (now, urls_at, actions, created, completed, task.attempt),
            )
            self._connection.executemany(
                "INSERT INTO images (attempt, number, url) VALUES (?, ?, ?)",
                [(task.attempt, number, url) for number, url in enumerate(urls)],
            )
            if not task.extra:
                move(self._connection, task.job, JobState.SUBMITTED, Verdict(state=JobState.SUCCEEDED))
                self._connection.execute(
                    "UPDATE jobs SET reroll_of = NULL WHERE id = ? AND reroll_of IS NOT NULL", (task.job,)
                )

    def drop(self, follower: int) -> list[tuple[str, JobState]]:
        """Forgets a waiting job and what follows from it, none of which was ever sent; gives nodes and states."""
        with transaction(self._connection):
            doomed = self._connection.execute(
                "WITH RECURSIVE doomed (id, depth, node, state) AS"
                " (SELECT id, depth, node, state FROM jobs WHERE id = ?"
                " UNION SELECT j.id, j.depth, j.node, j.state FROM jobs j JOIN doomed d ON j.source = d.id)"
                " SELECT id, node, state FROM doomed ORDER BY depth DESC",
                (follower,),
            ).fetchall()
            self._connection.executemany("DELETE FROM jobs WHERE id = ?", [(job,) for job, _, _ in doomed])
        return [(node, JobState(state)) for _, node, state in doomed]

    def record_urls(self, attempt: int, urls: Sequence[str], now: float) -> None:
        """The service gave the URLs of a task's images again; none when it would not."""
        with transaction(self._connection):
            self._connection.execute("UPDATE attempts SET urls_at = ? WHERE id = ?", (now, attempt))
            self._connection.executemany(
                "UPDATE images SET url = ? WHERE attempt = ? AND number = ?",
                [(url, attempt, number) for number, url in enumerate(urls)],
            )

    def task_failed(
        self, task: InFlight, *, fail_code: str, message: str, money: Money, verdict: Verdict, now: float
    ) -> None:
        """The service gave up on the task; `verdict` says what that means for the job, unless it is an extra."""
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE attempts SET money = ?, finished = ?, fail_code = ?, fail_message = ? WHERE id = ?",
                (money, now, fail_code, message, task.attempt),
            )
            if fail_code in IMAGE_NOT_READ:
                distrust_sources(self._connection, "SELECT source FROM jobs WHERE id = ?", (task.job,))
            if not task.extra:
                move(self._connection, task.job, JobState.SUBMITTED, verdict)

    def give_up_reroll(self, job: int, verdict: Verdict) -> None:
        """A reroll that was asked for is not sent."""
        with transaction(self._connection):
            move(self._connection, job, JobState.READY, verdict)

    def release(self, follower: int, verdict: Verdict) -> None:
        """Decides about a job whose source has succeeded."""
        with transaction(self._connection):
            move(self._connection, follower, JobState.WAITING, verdict)

    def fetched(
        self,
        job: int,
        attempt: int,
        images: Sequence[Stored],
        now: float,
        reason: str | None = None,
        code: str | None = None,
    ) -> JobState | None:
        """Images are on disk; when none is missing of its result, the job is done. `reason` says what keeps the others,
        `code` the same for machines. With IMAGES_GONE the job has failed, and these images are not asked for again.

        Gives the state that the job has come to, None when it goes on waiting for images. A plan that was taken over
        meanwhile may have made the attempt an extra.
        """
        with transaction(self._connection):
            if self._connection.execute("SELECT money FROM attempts WHERE id = ?", (attempt,)).fetchone()[0] != "spent":
                raise unexpected()
            self._connection.executemany(
                "UPDATE images SET path = ?, sha256 = ?, size = ?, fetched = ? WHERE attempt = ? AND number = ?",
                [(image.path, image.sha256, image.size, now, attempt, image.number) for image in images],
            )
            missing = self._connection.execute(
                "SELECT 1 FROM images WHERE attempt = ? AND path IS NULL LIMIT 1", (attempt,)
            ).fetchone()
            state = JobState.DONE if missing is None else JobState.SUCCEEDED
            if missing is not None and code == IMAGES_GONE:
                state = JobState.FAILED
                self._connection.execute(
                    "UPDATE images SET fetched = ? WHERE attempt = ? AND path IS NULL", (now, attempt)
                )
            changed = self._connection.execute(
                "UPDATE jobs SET state = ?, reason = ?, code = ? WHERE id = ? AND attempt = ? AND state = 'succeeded'",
                (state, reason, code, job, attempt),
            ).rowcount
        return state if changed and state is not JobState.SUCCEEDED else None

    def await_gone_source(self, source: int) -> list[str]:
        """Jobs that were to send the URL of an image of `source`, which is gone, wait for a decision again.

        Gives the node of each.
        """
        with transaction(self._connection):
            rows = self._connection.execute(
                "UPDATE jobs SET state = 'waiting' WHERE source = ? AND state = 'ready' AND attempt IS NULL"
                " AND instr(request, ?) RETURNING node",
                (source, SENDS_URL),
            ).fetchall()
        return [node for (node,) in rows]

    def lost(self, images: Iterable[ImageOnDisk]) -> None:
        """The files of these images are gone: they are to be fetched again, which costs nothing."""
        with transaction(self._connection):
            for image in images:
                self._connection.execute(
                    "UPDATE images SET path = NULL, sha256 = NULL, size = NULL, fetched = NULL,"
                    " checked = NULL, hand_sha256 = NULL, hand_size = NULL WHERE attempt = ? AND number = ?",
                    (image.attempt, image.number),
                )
                self._connection.execute(
                    "UPDATE jobs SET state = 'succeeded' WHERE id = ? AND attempt = ? AND state = 'done'",
                    (image.job, image.attempt),
                )

    def looked_at(self, files: Iterable[Checked]) -> None:
        """The files of these images were looked at."""
        with transaction(self._connection):
            self._connection.executemany(
                "UPDATE images SET checked = ?, hand_sha256 = ?, hand_size = ? WHERE attempt = ? AND number = ?",
                [
                    (file.written, file.hand_sha256, file.hand_size, file.image.attempt, file.image.number)
                    for file in files
                ],
            )

    def moved(self, images: Iterable[tuple[ImageOnDisk, str]]) -> None:
        """The files of these images have other paths now."""
        with transaction(self._connection):
            self._connection.executemany(
                "UPDATE images SET path = ? WHERE attempt = ? AND number = ?",
                [(path, image.attempt, image.number) for image, path in images],
            )
