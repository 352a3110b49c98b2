"""What a plan continues from: results of its jobs in the ledger, and a person's decisions in the picks file."""

from collections import defaultdict
from collections.abc import Callable, Collection, Container, Mapping, Sequence
from functools import cached_property

from mjpipe.campaign.opened.first_names import FirstNames
from mjpipe.domain import Diagnostic, Fingerprint, JobKey, TaskId
from mjpipe.ledger import NewBindings, Reader, Takeovers
from mjpipe.manifest import Node
from mjpipe.plan import Decided, Decision, Differing, Pick, Picks, differing, line_that_counts


class LedgerAndPicks:
    """Answers the planner's questions about earlier jobs; see `mjpipe.plan.History`.

    A line of the picks decides about a task, whose images the person saw, whatever key its job has now: renamed rows
    and nodes change keys. But a line counts only under a key that the task has or had: someone who fills down a column
    in a spreadsheet has not seen the task of another job.

    `first_names` have been found out for all nodes, before anything of the plan is written. `takeovers` are the results
    that planned jobs take over from other keys. The answers bind picks and names of nodes; `bindings` has these, and
    the adoption of the plan records them.
    """

    def __init__(
        self,
        ledger: Reader,
        picks: Picks,
        nodes: Mapping[str, Node],
        takeovers: Callable[[], Takeovers],
        first_names: FirstNames,
    ) -> None:
        self._ledger = ledger
        self._picks = picks
        self._nodes = nodes
        self._takeovers = takeovers
        self._on_record = ledger.tasks.of_picks()
        self._newly_bound: dict[tuple[JobKey, str, str], TaskId] = {}
        self._differing: set[Diagnostic] = set()
        self._counting: set[int] = set()
        self._first_names = first_names
        self._newly_named: dict[str, str] = {}
        self._by_key: dict[JobKey, list[int]] = defaultdict(list)
        self._by_task: dict[TaskId, list[int]] = defaultdict(list)
        for number, line in enumerate(picks.lines):
            self._by_key[line.key].append(number)
            if (task := self._seen(line)) is not None:
                self._by_task[task].append(number)
        self._decided = ledger.tasks.fingerprints_of(self._by_task)

    def first_name(self, node: str, was: tuple[str, ...] | None) -> str:
        first = self._first_names.of(node, was)
        if was is not None and (not was or first != self._first_names.recorded(node)):
            self._newly_named[node] = first
        return first

    def task(self, key: JobKey, fingerprint: Fingerprint, of: TaskId | None) -> TaskId | None:
        task = self._ledger.tasks.of_job(key, fingerprint, of)
        if task is None and self._ledger.tasks.has_result(fingerprint):
            return self._takeovers().get((key, fingerprint))
        return task

    @cached_property
    def looks_back(self) -> bool:
        return self._ledger.tasks.has_recovered()

    @property
    def is_of_older_release(self) -> bool:
        return self._ledger.bindings.get("sent_by_older") is not None

    def is_made(self, fingerprint: Fingerprint, key: JobKey | None) -> bool:
        return self._has_made and self._ledger.tasks.is_made(fingerprint, key)

    @cached_property
    def _has_made(self) -> bool:
        return self._ledger.tasks.has_made()

    def image_numbers(self, task: TaskId) -> tuple[int, ...]:
        return self._ledger.tasks.image_numbers(task)

    def decided(self) -> Decided:
        return Decided(keys=self._by_key.keys(), fingerprints=self._decided)

    def picked(self, key: JobKey, task: TaskId, consumer: str) -> Pick | None:
        return self._line(key, task, consumer)

    def rerolled(self, key: JobKey, task: TaskId, consumers: Collection[str]) -> Pick | None:
        lines = [self._line(key, task, consumer) for consumer in consumers or ("",)]
        return next((line for line in lines if line and line.decision is Decision.REROLL), None)

    def stale(self) -> tuple[Pick, ...]:
        """Lines about a task that is not, or not yet again, the task of its job, by the state alone; they are ignored.
        Without those that have had their effect, and those of jobs about which somebody has decided again. A task that
        is not on record says nothing: another manifest may have the same picks.
        """
        return self._of_known_tasks(self._without_settled([not self._is_stale(line) for line in self._picks.lines]))

    def stale_in_plan(self, planned: Container[JobKey]) -> tuple[Pick, ...]:
        """The same once all jobs are planned: lines of jobs in this plan that were made for earlier images."""
        counts = [number in self._counting for number in range(len(self._picks.lines))]
        return self._of_known_tasks([line for line in self._without_settled(counts) if line.key in planned])

    def _of_known_tasks(self, stale: Sequence[Pick]) -> tuple[Pick, ...]:
        unknown = self._ledger.tasks.unknown([task for line in stale if (task := self._seen(line))]) if stale else ()
        return tuple(line for line in stale if self._seen(line) not in unknown)

    def _without_settled(self, counts: Sequence[bool]) -> tuple[Pick, ...]:
        lines = [*zip(self._picks.lines, counts, strict=True)]
        decided = {line.key for line, is_counting in lines if is_counting and self._seen(line)}
        stale = [(line, task) for line, is_counting in lines if not is_counting and (task := self._seen(line))]
        rerolls = [task for line, task in stale if line.decision is Decision.REROLL]
        rerolled = self._ledger.tasks.rerolled(rerolls) if rerolls else ()
        return tuple(
            line
            for line, task in stale
            if line.key not in decided and not (line.decision is Decision.REROLL and task in rerolled)
        )

    def differing(self) -> Collection[Diagnostic]:
        """Errors for lines about the images of one task that say different things, found up to now. Lines that name
        that task and lines that are bound to it are lines about the same images.
        """
        return self._differing

    def undecided(self) -> tuple[Pick, ...]:
        """Lines that name no task and are not bound to one on record."""
        return tuple(line for line in self._picks.lines if line.task is None and _words(line) not in self._on_record)

    @property
    def bindings(self) -> NewBindings:
        """First names of the nodes whose `was` says something new, and tasks of lines that had none on record."""
        return NewBindings(nodes=self._newly_named, picks=self._newly_bound)

    def _is_stale(self, line: Pick) -> bool:
        task = self._seen(line)
        return task is not None and not (
            (key := self._ledger.tasks.key_of_result(task)) is not None and self._counts_under(line, key, task)
        )

    def _line(self, key: JobKey, task: TaskId, consumer: str) -> Pick | None:
        """The line that counts for a consumer, or for the job itself. Lines for the node come before those for all
        nodes.
        """
        lines = self._about(key, task)
        own = [line for line in lines if line.node and self._names(line.node, consumer)]
        chosen = own or [line for line in lines if not line.node]
        if not chosen:
            return None
        found = line_that_counts(chosen)
        if isinstance(found, Differing):
            self._differing.update(differing(found))
            return found.second
        return found

    def _about(self, key: JobKey, task: TaskId) -> list[Pick]:
        """The lines about a job's current task, in the order of the file. Binds those without a task to it, also lines
        that do not count: later they could be taken for lines about another task.
        """
        numbers = sorted({*self._by_key.get(key, ()), *self._by_task.get(task, ())})
        found = {
            number: line
            for number in numbers
            if (seen := self._seen(line := self._picks.lines[number])) is None
            or (seen == task and self._counts_under(line, key, task))
        }
        self._counting.update(found)
        about = [*found.values()]
        for line in about:
            self._bind(line, task)
        return about

    def _seen(self, line: Pick) -> TaskId | None:
        """The task whose images the person saw; None if it is neither in the line nor on record."""
        return line.task or self._bound_to(_words(line))

    def _counts_under(self, line: Pick, key: JobKey, task: TaskId) -> bool:
        """Whether a line about the task of the job `key` has this key, or an earlier key of the job."""
        return (
            line.key == key or self._bound_to(_words(line)) is not None or self._ledger.tasks.key_of(task) == line.key
        )

    def _bind(self, line: Pick, task: TaskId) -> None:
        """As the line is, and as it is once its task is written into it: its key may be an earlier one of the job."""
        for words in {_words(line), (line.key, "", task)}:
            if self._bound_to(words) is None:
                self._newly_bound[words] = task

    def _bound_to(self, words: tuple[JobKey, str, str]) -> TaskId | None:
        return self._on_record.get(words) or self._newly_bound.get(words)

    def _names(self, node: str, consumer: str) -> bool:
        """Whether a line's `node` is that consumer: by its name or, if no node has that name now, by an earlier one."""
        if node == consumer or node in self._nodes or consumer not in self._nodes:
            return node == consumer
        first = self._first_names.of(consumer, self._nodes[consumer].was)
        return self._first_names.recorded(node) == first


def _words(line: Pick) -> tuple[JobKey, str, str]:
    """Identifies a line that is bound. A line with a task can be rewritten and stays the same."""
    if line.task is not None:
        return line.key, "", line.task
    return line.key, line.node, line.words
