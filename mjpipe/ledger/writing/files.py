"""Files of images: written, lost, checked, moved, pruned."""

from collections.abc import Iterable, Sequence

from mjpipe.domain import IMAGES_GONE, JobState
from mjpipe.ledger.database import LedgerConnection, queries, transaction
from mjpipe.ledger.values import Checked, ImageFacts, ImageOnDisk, Stored
from mjpipe.ledger.writing.transitions import wrong_state

_SQL = queries(__file__)


class Files:
    """Records what is on disk. The images of an extra change nothing about its job."""

    def __init__(self, connection: LedgerConnection) -> None:
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
        """Images are on disk; when none of its result is missing, the job is done. `reason` says why others are
        missing, `code` the same for machines. With IMAGES_GONE the job has failed, and these images are not fetched
        again.

        Returns the new state of the job, None when it still waits for images. A plan that was adopted meanwhile may
        have made the attempt an extra.
        """
        with transaction(self._connection):
            if self._connection.value("SELECT money FROM attempts WHERE id = ?", (attempt,)) != "spent":
                raise wrong_state()
            stored = [
                (image.path, image.sha256, image.size, now, *_values(image.facts), attempt, image.number)
                for image in images
            ]
            self._connection.executemany(_SQL["fetched"], stored)
            state = self._state_of(attempt, code)
            if state is JobState.FAILED:
                self._connection.execute(_SQL["gone"], (now, attempt))
            changed = self._connection.execute(_SQL["fetched_job"], (state, reason, code, job, attempt)).rowcount
        return state if changed and state is not JobState.SUCCEEDED else None

    def _state_of(self, attempt: int, code: str | None) -> JobState:
        missing = "SELECT 1 FROM images WHERE attempt = ? AND path IS NULL LIMIT 1"
        if not self._connection.value(missing, (attempt,)):
            return JobState.DONE
        return JobState.FAILED if code == IMAGES_GONE else JobState.SUCCEEDED

    def record_lost(self, images: Iterable[ImageOnDisk]) -> None:
        """The files of these images are gone: they are to be fetched again, which costs nothing."""
        with transaction(self._connection):
            for image in images:
                self._connection.execute(_SQL["lost"], (image.attempt, image.number))
                self._connection.execute(_SQL["lost_job"], (image.job, image.attempt))

    def record_checked(self, files: Iterable[Checked]) -> None:
        """The files of these images were compared with the record."""
        rows = [
            (
                *(file.written, file.hand_sha256, file.hand_size),
                *_values(file.facts),
                *(file.image.attempt, file.image.number),
            )
            for file in files
        ]
        with transaction(self._connection):
            self._connection.executemany(_SQL["checked"], rows)

    def record_moved(self, images: Iterable[tuple[ImageOnDisk, str]]) -> None:
        """The files of these images have other paths now."""
        rows = [(path, image.attempt, image.number) for image, path in images]
        with transaction(self._connection):
            self._connection.executemany("UPDATE images SET path = ? WHERE attempt = ? AND number = ?", rows)

    def record_pruned(self, images: Iterable[ImageOnDisk]) -> None:
        """The files of images that are left over have been removed; what they cost stays on record."""
        rows = [(image.attempt, image.number) for image in images]
        with transaction(self._connection):
            self._connection.executemany(_SQL["pruned"], rows)


def _values(facts: ImageFacts | None) -> tuple[int | str | None, ...]:
    return (None, None, None) if facts is None else (facts.width, facts.height, facts.media_type)
