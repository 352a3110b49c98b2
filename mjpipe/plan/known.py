"""What is known of jobs that ran before, as far as it decides which jobs follow."""

from typing import Protocol

from mjpipe.domain import Fingerprint, JobKey


class Known(Protocol):
    def came(self, key: JobKey, fingerprint: Fingerprint) -> tuple[int, ...] | None:
        """The numbers of the images that came of a job; None when it has not succeeded yet."""

    def picked(self, key: JobKey, fingerprint: Fingerprint, consumer: str) -> tuple[int, ...] | None:
        """The images of a job that a person chose for the node `consumer`: none of them when all were rejected, and
        None when nobody has decided yet.
        """


class _NothingKnown:
    def came(self, key: JobKey, fingerprint: Fingerprint) -> None:
        """Nothing came yet."""

    def picked(self, key: JobKey, fingerprint: Fingerprint, consumer: str) -> None:
        """Nobody looked yet."""


NOTHING_KNOWN: Known = _NothingKnown()
