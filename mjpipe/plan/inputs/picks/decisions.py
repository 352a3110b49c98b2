"""A line of the picks file as a value."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from mjpipe.domain import JobKey, Place, TaskId
from mjpipe.plan.inputs.picks.cells import task_cell
from mjpipe.plan.inputs.picks.rows import Header, Row

COLUMNS = ("key", "node", "decision", "images", "task", "note", "by", "at")


class Decision(StrEnum):
    """What a person decided about the images of a task."""

    PICK = "pick"
    REJECT = "reject"
    REROLL = "reroll"
    """make other images instead of these"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One line. `node` is the consumer, empty for all consumers. `task` is the task that made the images that were
    seen; if it is None, the line is bound to the job's task when it is first read. `images` are numbers, empty except
    for a pick. `at` is as written. `place` is the line's place in its file, `row` its text there; None for a new line.
    """

    key: JobKey
    node: str
    decision: Decision
    images: tuple[int, ...] = ()
    task: TaskId | None = None
    note: str = ""
    by: str = ""
    at: str = ""
    place: Place | None = field(default=None, compare=False)
    row: Row | None = field(default=None, compare=False, repr=False)

    @property
    def cells(self) -> dict[str, str]:
        """As they are written, by column."""
        return {
            "key": self.key,
            "node": self.node,
            "decision": self.decision.value,
            "images": " ".join(map(str, self.images)),
            "task": "" if self.task is None else task_cell(self.task),
            "note": self.note,
            "by": self.by,
            "at": self.at,
        }

    @property
    def choice(self) -> tuple[Decision, frozenset[int]]:
        """What two lines have in common that say the same."""
        return self.decision, frozenset(self.images)

    @property
    def words(self) -> str:
        """The decision and its images, as the ledger remembers a line without a task."""
        return f"{self.decision} {' '.join(map(str, self.images))}"

    @property
    def time(self) -> datetime | None:
        """When it was made, in UTC unless it says otherwise; None without a time that can be read."""
        try:
            moment = datetime.fromisoformat(self.at)
        except ValueError:
            return None
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)

    def cell(self, column: str) -> Place | None:
        """The place of one of its cells; of the line where it has no such cell."""
        return self.place if self.row is None else self.row.place(column)


@dataclass(frozen=True, slots=True)
class Picks:
    """A picks file as it was read. `lines` keep its order; `content` is None if there was no file, `header` if that
    could not be read.
    """

    lines: tuple[Pick, ...] = ()
    content: bytes | None = field(default=None, repr=False)
    header: Header | None = field(default=None, compare=False, repr=False)

    def keys(self) -> set[JobKey]:
        return {line.key for line in self.lines}
