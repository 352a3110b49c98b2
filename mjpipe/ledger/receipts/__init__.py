"""Receipts: what was paid for, in files beside the manifest that outlive the state."""

from mjpipe.ledger.receipts.outbox import Outbox
from mjpipe.ledger.receipts.parsing import is_below_outputs
from mjpipe.ledger.receipts.reading import Receipts, read_receipts
from mjpipe.ledger.receipts.receipt import Event, PlacedImage, RecordedAttempt, RecordedSource, RecoveredFrom
from mjpipe.ledger.receipts.said import Said
from mjpipe.ledger.receipts.seen import SeenFile, changed, receipt_paths, seen_now
from mjpipe.ledger.receipts.writing import OwnFiles

__all__ = [
    "Event",
    "Outbox",
    "OwnFiles",
    "PlacedImage",
    "Receipts",
    "RecordedAttempt",
    "RecordedSource",
    "RecoveredFrom",
    "Said",
    "SeenFile",
    "changed",
    "is_below_outputs",
    "read_receipts",
    "receipt_paths",
    "seen_now",
]
