"""Receipts: what was paid for, in files beside the manifest that outlive the state.

Not here, because a plan seldom needs it: what reads and writes lines. Who needs that imports the module.
"""

from mjpipe.ledger.receipts.receipt import Event, PlacedImage, Receipts, RecordedAttempt, RecordedSource, RecoveredFrom
from mjpipe.ledger.receipts.seen import SeenFile, changed, receipt_paths, seen_now

__all__ = [
    "Event",
    "PlacedImage",
    "Receipts",
    "RecordedAttempt",
    "RecordedSource",
    "RecoveredFrom",
    "SeenFile",
    "changed",
    "receipt_paths",
    "seen_now",
]
