"""What came of an adoption: a value for whoever shows it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mjpipe.domain import Amount, Diagnostic
from mjpipe.ledger import RecoveredAs
from mjpipe.ledger.receipts import RecordedAttempt


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionResult:
    """`attempts` are the prices of those, possibly billed, that were adopted, and what they became in the plan.
    `left` could not be adopted, for the reasons given. `missing` are the paths of images that were on disk and are not:
    a run fetches them. `warnings` are those of the manifest and its inputs. `copy_of` is the folder of the state that
    this one was a copy of; now it is one of its own.
    """

    attempts: Mapping[RecoveredAs, Amount]
    left: Sequence[tuple[RecordedAttempt, str]]
    missing: Sequence[str]
    warnings: Sequence[Diagnostic] = ()
    copy_of: Path | None = None
