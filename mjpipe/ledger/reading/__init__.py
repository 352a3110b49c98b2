"""What a plan asks of a ledger."""

from mjpipe.ledger.reading.balance import balance
from mjpipe.ledger.reading.bindings import Bindings
from mjpipe.ledger.reading.former_jobs import FailedBecause, FormerJobs, OrphanedJob
from mjpipe.ledger.reading.holder import Holder, PresentHolder, holder_of, locked_by
from mjpipe.ledger.reading.image_places import ImagePlaces
from mjpipe.ledger.reading.job_counts import JobCounts
from mjpipe.ledger.reading.paid_jobs import PaidJob, PaidJobs
from mjpipe.ledger.reading.receipt_files import ReceiptFiles
from mjpipe.ledger.reading.recovered_as import RecoveredAs, recovered_as
from mjpipe.ledger.reading.tasks import Tasks

__all__ = [
    "Bindings",
    "FailedBecause",
    "FormerJobs",
    "Holder",
    "ImagePlaces",
    "JobCounts",
    "OrphanedJob",
    "PaidJob",
    "PaidJobs",
    "PresentHolder",
    "ReceiptFiles",
    "RecoveredAs",
    "Tasks",
    "balance",
    "holder_of",
    "locked_by",
    "recovered_as",
]
