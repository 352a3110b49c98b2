"""What a receipt can say, and what is known of an attempt from outside of this ledger."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mjpipe.domain import Answered, Fingerprint, JobKey, JsonObject, Money, TaskId, Usd

FORMAT = 1
"""The `mjpipe` of each line. A line of a newer format is damage: nobody here can read it."""


class Event(StrEnum):
    """What happened. The first five are about an attempt, and their lines have all of its facts."""

    INTENT = "intent"
    ANSWERED = "answered"
    """`outcome`, `money`, and `task` when one is known; also what a person said later (`resolve`)"""
    ENDED = "ended"
    """`money`; `images`, how many came, when it succeeded; `code` when it failed"""
    PLACED = "placed"
    """`images`: a list of number, path, sha256, size"""
    SET_ASIDE = "set_aside"
    """a person has said to pay again: nobody gets this result"""
    RENAMED = "renamed"
    """`node` and `first`, the name under which its jobs were first made (`was`)"""
    PICKED = "picked"
    """`key`, `node`, `words`, and the `task` that this line of the picks is about"""


class RecoveredFrom(StrEnum):
    """What said of an attempt that the ledger did not know."""

    RECEIPTS = "receipts"
    ASSETS = "assets"
    """`assets.jsonl` in the output folder"""
    PICKS = "picks"
    STATE = "state"
    """another state"""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedSource:
    """The image that a follow-up was made from. `number` is None for the whole task."""

    key: JobKey
    task: TaskId
    number: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedImage:
    """An image that was brought to `path`, which is relative to `outputs.dir` and below it. `size` in bytes."""

    number: int
    path: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedAttempt:
    """An attempt as something outside of this ledger has it on record.

    `uid` is `attempts.uid` of the ledger that made it, None where only its task is known. `first_node` is the name
    under which the jobs of its node were first made, None where nothing says so: receipts have lines for names.
    `fingerprint` and `mode` are None for a line of the picks, `request` where nothing says what was sent. `rerolls` is
    the task of the same job that it rerolls. Times are in seconds since the epoch. `money` is RESERVED while nothing
    says how it ended; `outcome` is None for an open intent. `image_count` says how many images came, None while it is
    not known to have succeeded. `set_aside`: a person has paid for it again.
    """

    uid: str | None
    found_in: RecoveredFrom
    host: str | None
    campaign: str | None
    node: str
    first_node: str | None = None
    key: JobKey
    fingerprint: Fingerprint | None
    mode: str | None
    speed: str | None = None
    source: RecordedSource | None = None
    rerolls: TaskId | None = None
    price: Usd | None = None
    request: JsonObject | None = None
    intended: float
    answered: float | None = None
    finished: float | None = None
    task: TaskId | None = None
    outcome: Answered | None = None
    money: Money = Money.RESERVED
    fail_code: str | None = None
    image_count: int | None = None
    images: tuple[PlacedImage, ...] = ()
    set_aside: bool = False

    @property
    def may_be_paid(self) -> bool:
        """Whether it is, or is possibly, billed: what must not be bought again unasked. One in doubt has no task."""
        return self.money is not Money.FREE


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipts:
    """What the receipts of a folder say: the attempts, the earliest first; under which name the jobs of nodes were
    first made; which task each line of the picks file is about, as `Binder.pick` identifies them.
    """

    attempts: tuple[RecordedAttempt, ...]
    first_names: Mapping[str, str]
    picked: Mapping[tuple[JobKey, str, str], TaskId]
