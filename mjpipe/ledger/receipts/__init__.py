"""Receipts: what was paid for, in files beside the manifest that outlive the state."""

from mjpipe.ledger.receipts.receipt import Event, PlacedImage, RecordedAttempt, RecordedSource, RecoveredFrom

__all__ = ["Event", "PlacedImage", "RecordedAttempt", "RecordedSource", "RecoveredFrom"]
