"""What survives a crash: jobs, attempts, tasks, images and money, in SQLite."""

from mjpipe.ledger.adopting import Adopted, Adoption, Applied, Piece, PlanChanges, PlanWritten, Take, Takeovers
from mjpipe.ledger.database import copy_database
from mjpipe.ledger.folder import SANDBOX_HOST, HeldBy, StateFolder
from mjpipe.ledger.input_copies import InputCopies
from mjpipe.ledger.ledger import Ledger
from mjpipe.ledger.offers import REROLL, FollowUp
from mjpipe.ledger.processes import Process, this_process
from mjpipe.ledger.reader import Reader
from mjpipe.ledger.reading import PaidJob, RecoveredAs
from mjpipe.ledger.records import (
    AttemptAtRisk,
    AttemptRecord,
    AttemptSum,
    ChangedByHand,
    ImageRecord,
    JobRecord,
    JobSum,
    Records,
    Risk,
    SumGroup,
)
from mjpipe.ledger.values import (
    SOURCE_GONE,
    SOURCE_UNREACHABLE,
    Balance,
    BegunPlan,
    Cap,
    Checked,
    Follower,
    ImageFacts,
    ImageOnDisk,
    ImageToFetch,
    InFlight,
    Intent,
    Intents,
    NewBindings,
    ReadyJob,
    SourceImages,
    Stored,
    ToFetch,
    Verdict,
)
from mjpipe.ledger.writer import Writer

__all__ = [
    "REROLL",
    "SANDBOX_HOST",
    "SOURCE_GONE",
    "SOURCE_UNREACHABLE",
    "Adopted",
    "Adoption",
    "Applied",
    "AttemptAtRisk",
    "AttemptRecord",
    "AttemptSum",
    "Balance",
    "BegunPlan",
    "Cap",
    "ChangedByHand",
    "Checked",
    "FollowUp",
    "Follower",
    "HeldBy",
    "ImageFacts",
    "ImageOnDisk",
    "ImageRecord",
    "ImageToFetch",
    "InFlight",
    "InputCopies",
    "Intent",
    "Intents",
    "JobRecord",
    "JobSum",
    "Ledger",
    "NewBindings",
    "PaidJob",
    "Piece",
    "PlanChanges",
    "PlanWritten",
    "Process",
    "Reader",
    "ReadyJob",
    "Records",
    "RecoveredAs",
    "Risk",
    "SourceImages",
    "StateFolder",
    "Stored",
    "SumGroup",
    "Take",
    "Takeovers",
    "ToFetch",
    "Verdict",
    "Writer",
    "copy_database",
    "this_process",
]
