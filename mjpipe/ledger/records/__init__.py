"""What reports ask of a ledger."""

from mjpipe.ledger.records.job_records import AttemptRecord, ImageRecord, JobRecord
from mjpipe.ledger.records.records import ChangedByHand, Records
from mjpipe.ledger.records.risks import AttemptAtRisk, Risk
from mjpipe.ledger.records.sums import AttemptSum, JobSum, SumGroup

__all__ = [
    "AttemptAtRisk",
    "AttemptRecord",
    "AttemptSum",
    "ChangedByHand",
    "ImageRecord",
    "JobRecord",
    "JobSum",
    "Records",
    "Risk",
    "SumGroup",
]
