"""What survives a crash: jobs, attempts, tasks, images and money, in SQLite."""

from mjpipe.ledger.database import copy_database, state_faults
from mjpipe.ledger.folder import StateFolder
from mjpipe.ledger.ledger import Ledger
from mjpipe.ledger.reader import Reader
from mjpipe.ledger.records import AttemptRecord, ImageRecord, JobRecord, Records
from mjpipe.ledger.values import (
    Balance,
    Follower,
    ImageOnDisk,
    ImageToFetch,
    InFlight,
    Intent,
    Intents,
    ReadyJob,
    Stored,
    ToFetch,
    Verdict,
)
from mjpipe.ledger.writer import Writer

__all__ = [
    "AttemptRecord",
    "Balance",
    "Follower",
    "ImageOnDisk",
    "ImageRecord",
    "ImageToFetch",
    "InFlight",
    "Intent",
    "Intents",
    "JobRecord",
    "Ledger",
    "Reader",
    "ReadyJob",
    "Records",
    "StateFolder",
    "Stored",
    "ToFetch",
    "Verdict",
    "Writer",
    "copy_database",
    "state_faults",
]
