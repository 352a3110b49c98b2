"""What became of the files of images."""

import sqlite3
from collections.abc import Iterable, Sequence

from mjpipe.domain import IMAGES_GONE, JobState
from mjpipe.ledger.database import transaction
from mjpipe.ledger.transitions import unexpected
from mjpipe.ledger.values import Checked, ImageOnDisk, Stored


class Files:
    """Records it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def record_fetched(
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

    def record_lost(self, images: Iterable[ImageOnDisk]) -> None:
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

    def record_checked(self, files: Iterable[Checked]) -> None:
        """The files of these images were looked at."""
        with transaction(self._connection):
            self._connection.executemany(
                "UPDATE images SET checked = ?, hand_sha256 = ?, hand_size = ? WHERE attempt = ? AND number = ?",
                [
                    (file.written, file.hand_sha256, file.hand_size, file.image.attempt, file.image.number)
                    for file in files
                ],
            )

    def record_moved(self, images: Iterable[tuple[ImageOnDisk, str]]) -> None:
        """The files of these images have other paths now."""
        with transaction(self._connection):
            self._connection.executemany(
                "UPDATE images SET path = ? WHERE attempt = ? AND number = ?",
                [(path, image.attempt, image.number) for image, path in images],
            )

    def record_pruned(self, images: Iterable[ImageOnDisk]) -> None:
        """The files of images that are left over have been removed; what they cost stays on record."""
        with transaction(self._connection):
            self._connection.executemany(
                "UPDATE images SET path = NULL, sha256 = NULL, size = NULL, checked = NULL, hand_sha256 = NULL,"
                " hand_size = NULL WHERE attempt = ? AND number = ?",
                [(image.attempt, image.number) for image in images],
            )
