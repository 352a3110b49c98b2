"""What is known of jobs that ran before: from the ledger."""

from dataclasses import dataclass

from mjpipe.domain import Fingerprint, JobKey
from mjpipe.ledger import Reader


@dataclass(frozen=True, slots=True)
class Known:
    """What the planner asks of jobs that it plans on; see `mjpipe.plan.Known`."""

    ledger: Reader

    def came(self, key: JobKey, fingerprint: Fingerprint) -> tuple[int, ...] | None:
        return self.ledger.came(key, fingerprint)

    def picked(self, key: JobKey, fingerprint: Fingerprint, consumer: str) -> None:
        """Nobody has decided: picks are not read yet."""
