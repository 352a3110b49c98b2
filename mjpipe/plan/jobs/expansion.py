"""Expands a manifest to its jobs, row by row, and finds every mistake in its rows."""

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeAlias

from mjpipe.contract import Mode, may_follow
from mjpipe.domain import Diagnostic, Job, JobKey, TaskId
from mjpipe.files import lengths_below
from mjpipe.manifest import ChosenImages, Manifest
from mjpipe.plan.inputs.node_rows import NodeRow, combined, node_rows
from mjpipe.plan.inputs.open_inputs import open_table
from mjpipe.plan.jobs.behind_picks import BehindPicks
from mjpipe.plan.jobs.clashes import Clashes
from mjpipe.plan.jobs.history import NO_HISTORY, History
from mjpipe.plan.jobs.job_counts import MOST_JOBS, TooManyJobs, check_job_counts, too_many_made
from mjpipe.plan.jobs.node_planner import NodePlanner, PlannedJob, PlannerContext
from mjpipe.plan.jobs.sought_jobs import SoughtJobs
from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.templates.compiler import Compiler
from mjpipe.plan.templates.jinja.environment import BoundedEnvironment
from mjpipe.plan.templates.jinja.included_files import FolderLoader, ReadInstead, originals
from mjpipe.plan.templates.jinja.metering import Meter
from mjpipe.plan.templates.paths import PathEnvironment
from mjpipe.pricing import PriceTable

Take: TypeAlias = Callable[[Sequence[Job]], object]
"""Receives the next jobs of a plan."""

BATCH = 32
"""Jobs handed over at once: enough that work per batch costs little, and few enough that a job is used while the
processor's cache still has it: 256 made planning a tenth slower.
"""


def expand(
    manifest: Manifest,
    prices: PriceTable,
    take: Take,
    *,
    history: History = NO_HISTORY,
    read_instead: ReadInstead = originals,
    of_keys: Collection[JobKey] | None = None,
) -> tuple[Diagnostic, ...]:
    """Hands the jobs of a manifest to `take`, in the order of the plan; returns errors and warnings, sorted by place.

    Each row's jobs come with all that follows from them before the next row's: the source of a job is the latest one
    whose depth is one less. `read_instead` gives the file to read instead of another; diagnostics still name the
    original. Do not act on the jobs if there is an error among the diagnostics.

    With `of_keys`, only the rows are planned that these jobs come from, up to the last of the jobs, and mistakes
    elsewhere are not found.
    """
    sought = None if of_keys is None else SoughtJobs(of_keys, manifest)
    return _Expansion(manifest, prices, history, read_instead, sought).carried_out(take)


_See: TypeAlias = Callable[[PlannedJob], None]


class _Expansion:
    def __init__(
        self,
        manifest: Manifest,
        prices: PriceTable,
        history: History,
        read_instead: ReadInstead,
        sought: SoughtJobs | None,
    ) -> None:
        self._manifest = manifest
        self._sought = sought
        self._history = history
        self._decided = history.decided()
        self._mistakes = Mistakes()
        meter = Meter()
        loader = FolderLoader(manifest.path.parent, read_instead, meter)
        templates = Compiler(BoundedEnvironment(loader, meter), self._mistakes)
        if history.is_of_older_release:
            templates.keep_former_meaning()
        used = {name for node in manifest.nodes.values() for name in node.for_each}
        self._tables = {
            name: open_table(source, manifest, templates, self._mistakes, read_instead)
            for name, source in manifest.inputs.items()
            if name in used
        }
        context = PlannerContext(
            manifest=manifest,
            history=history,
            prices=prices.overridden(manifest.price_overrides),
            tables=self._tables,
            templates=templates,
            path_templates=Compiler(PathEnvironment(None, meter), self._mistakes, templates.names),
            lengths=lengths_below(manifest.outputs.dir),
            mistakes=self._mistakes,
        )
        planners: dict[str, NodePlanner] = {}
        for node in map(manifest.nodes.__getitem__, manifest.graph.order()):
            planners[node.name] = NodePlanner(node, tuple(planners[name] for name in node.sources), context)
        self._planners = [planners[name] for name in manifest.nodes]
        self._own_rows: dict[str, list[NodeRow]] = {}
        self._behind_picks = BehindPicks(manifest, self._mistakes, self._rows)
        for planner in self._planners:
            planner.consumers.sort(key=self._planners.index)
            if sought is not None:
                planner.consumers[:] = [
                    consumer for consumer in planner.consumers if sought.concerns(consumer.node.name)
                ]

    def carried_out(self, take: Take) -> tuple[Diagnostic, ...]:
        clashes = Clashes(self._manifest, self._mistakes)
        batch: list[Job] = []
        made = 0

        def hand_on(planned: PlannedJob) -> None:
            nonlocal made
            made += 1
            if made > MOST_JOBS:
                raise too_many_made(planned.planner.node)
            if planned.planner.named:
                clashes.register(planned.job)
            if not planned.broken:
                batch.append(planned.job)
                if len(batch) == BATCH:
                    take(tuple(batch))
                    batch.clear()

        try:
            check_job_counts(self._manifest, self._tables)
            self._walk(hand_on)
        except TooManyJobs as fault:
            self._mistakes.error(fault.place, "MJ120", str(fault), help=fault.advice)
            return self._mistakes.diagnostics()
        take(batch)
        if self._sought is None:
            self._name_repeats(clashes)
        return self._mistakes.diagnostics()

    def _name_repeats(self, clashes: Clashes) -> None:
        errors = self._mistakes.errors
        for table in self._tables.values():
            table.name_repeated_keys()
        # Rows with the same key give jobs with the same key and images with the same path: one report is enough.
        if self._mistakes.errors > errors or not clashes.suspected():
            return

        def name(planned: PlannedJob) -> None:
            if planned.planner.named:
                clashes.name(planned.job)

        self._walk(name)

    def _walk(self, see: _See) -> None:
        if self._sought is not None:
            self._walk_to(self._sought, see)
            return
        for planner in self._planners:
            if planner.has_rows and not planner.node.sources:
                for row in node_rows(planner.node, self._tables, self._mistakes):
                    self._jobs(see, planner, row, None, None, "")

    def _walk_to(self, sought: SoughtJobs, see: _See) -> None:
        def note(planned: PlannedJob) -> None:
            sought.found(planned.job.key)
            see(planned)

        for planner in self._planners:
            if not planner.has_rows or planner.node.sources or not sought.concerns(planner.node.name):
                continue
            for row in node_rows(planner.node, self._tables, self._mistakes, sought.concerns_row):
                if sought.concerns_row(row.key):
                    self._jobs(note, planner, row, None, None, "")
                    if sought.all_found:
                        return

    def _jobs(
        self,
        see: _See,
        planner: NodePlanner,
        row: NodeRow,
        source: PlannedJob | None,
        number: int | None,
        label: str,
    ) -> None:
        """The jobs of a row, or of a source's image and a row, each followed by its follow-ups."""
        if planner.chooses and not planner.keeps(row, source):
            return
        for take in planner.takes:
            planned = self._planned_job(planner, row, source, number, label, take)
            see(planned)
            for consumer in planner.consumers:
                self._following(see, consumer, planned)

    def _planned_job(
        self,
        planner: NodePlanner,
        row: NodeRow,
        source: PlannedJob | None,
        number: int | None,
        label: str,
        take: int | None,
    ) -> PlannedJob:
        """A job, marked if a person asked for other images."""
        planned = planner.plan(row, source, number, label, take)
        job, decided = planned.job, self._decided
        if planned.broken or (job.key not in decided.keys and job.fingerprint not in decided.fingerprints):
            return planned
        task = self._task(planned)
        consumers = [consumer.node.name for consumer in planner.consumers]
        line = None if task is None else self._history.rerolled(planned.job.key, task, consumers)
        if line is None:
            return planned
        if not may_follow(Mode.REROLL, planner.mode):
            self._mistakes.error(
                line.place or planner.node.place,
                "MJ091",
                f"`{planned.job.key}` cannot be rerolled: the service does not offer it after `{planner.mode}`",
                help="reroll the job that it started from, or change a param to have it made again",
            )
        return planned._replace(job=planned.job._replace(reroll_of=task))

    def _task(self, planned: PlannedJob) -> TaskId | None:
        """The task with a job's result; a job has none unless its source has one."""
        if planned.job.reroll_of is not None:
            return None
        of = self._task(planned.source) if planned.source else None
        if planned.source and of is None:
            return None
        return self._history.task(planned.job.key, planned.job.fingerprint, of)

    def _following(self, see: _See, consumer: NodePlanner, planned: PlannedJob) -> None:
        """The jobs that a node makes from a job's images; a placeholder until a person has chosen among them."""
        numbers = self._numbers(consumer, planned)
        if numbers is None:
            place = self._behind_picks.placeholder(consumer, planned, self._image_numbers(planned))
            if place:
                see(PlannedJob(consumer, place, planned, planned.row, "", broken=planned.broken or consumer.broken))
            return
        for number in numbers:
            label = consumer.source_label(planned, number)
            for row in self._rows(consumer, planned):
                self._jobs(see, consumer, row, planned, number, label)

    def _rows(self, consumer: NodePlanner, planned: PlannedJob) -> Iterable[NodeRow]:
        """The rows of a follower: its source's, with each of its own inputs' rows if it has inputs."""
        if not consumer.node.for_each:
            return (planned.row,)
        if consumer.node.name not in self._own_rows:
            self._own_rows[consumer.node.name] = list(node_rows(consumer.node, self._tables, self._mistakes))
        rows = combined(planned.row, self._own_rows[consumer.node.name])
        return rows if self._sought is None else (row for row in rows if self._sought.concerns_row(row.key))

    def _numbers(self, consumer: NodePlanner, planned: PlannedJob) -> Sequence[int | None] | None:
        """The images of a job that a node starts from; the number None is the whole task, and the result is None while
        undecided.
        """
        if not consumer.has_rows:
            return ()
        if consumer.node.is_broken("images"):
            return consumer.could_start_from(planned)
        match consumer.node.images:
            case ChosenImages.PICK:
                return self._picked(consumer, planned)
            case ChosenImages.ALL:
                return self._image_numbers(planned)
            case None:
                return (None,)
            case numbers:
                return numbers

    def _picked(self, consumer: NodePlanner, planned: PlannedJob) -> Sequence[int] | None:
        """The images that a person chose, without those that the job can never have."""
        task = self._task(planned)
        line = None if task is None else self._history.picked(planned.job.key, task, consumer.node.name)
        if line is None:
            return None
        there = {*range(planned.planner.image_count), *self._image_numbers(planned)} if line.images else set[int]()
        for number in line.images:
            if number not in there:
                self._mistakes.error(
                    line.place or consumer.node.place,
                    "MJ093",
                    f"`{planned.job.key}` has no image {number}",
                    help=f"its images count from 0: {' '.join(map(str, self._image_numbers(planned)))}",
                )
        return [number for number in line.images if number in there]

    def _image_numbers(self, planned: PlannedJob) -> Sequence[int]:
        task = self._task(planned)
        return range(planned.planner.image_count) if task is None else self._history.image_numbers(task)
