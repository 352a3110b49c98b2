"""What a run and a person write into a ledger; each method is one transaction."""

from mjpipe.ledger.writing.binder import Binder
from mjpipe.ledger.writing.decisions import Decisions
from mjpipe.ledger.writing.files import Files
from mjpipe.ledger.writing.follow_ups import FollowUps
from mjpipe.ledger.writing.hold import Hold
from mjpipe.ledger.writing.queue import Queue
from mjpipe.ledger.writing.receipt_files import ReceiptFileRecords
from mjpipe.ledger.writing.results import Results
from mjpipe.ledger.writing.source_checks import SourceChecks
from mjpipe.ledger.writing.submissions import Submissions
from mjpipe.ledger.writing.transitions import doubt_interrupted, link_recovered

__all__ = [
    "Binder",
    "Decisions",
    "Files",
    "FollowUps",
    "Hold",
    "Queue",
    "ReceiptFileRecords",
    "Results",
    "SourceChecks",
    "Submissions",
    "doubt_interrupted",
    "link_recovered",
]
