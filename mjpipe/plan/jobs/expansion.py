"""A manifest's jobs, one row after another, and every mistake that its rows bring."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import islice

from mjpipe.contract import Mode, may_follow
from mjpipe.domain import Diagnostic, Job, TaskId, Usd
from mjpipe.manifest import Images, Manifest
from mjpipe.plan.findings import Findings
from mjpipe.plan.inputs.bindings import Binding, bindings, combined
from mjpipe.plan.inputs.opening import open_table
from mjpipe.plan.jobs.clashes import Clashes, warn_of_clashes
from mjpipe.plan.jobs.history import NOTHING_KNOWN, Known
from mjpipe.plan.jobs.node_planner import Made, Recipe, Tools
from mjpipe.plan.templates.compiler import Compiler
from mjpipe.plan.templates.environment import BoundedEnvironment
from mjpipe.plan.templates.included_files import FolderLoader, StandIn, themselves
from mjpipe.plan.templates.metering import Meter
from mjpipe.plan.templates.paths import PathEnvironment
from mjpipe.pricing import PriceTable

LONGEST_REHEARSAL = 1_000
"""Jobs behind a pick whose paths are looked at, once for each node that waits for picks."""


class Expansion:
    """The jobs of a manifest, in the order of the plan; to be iterated once.

    Each row's jobs come with all that follows from them before the next row's. `stand_in` gives the file that is read
    in the place of another, while diagnostics go on naming the original. With an error among `diagnostics`, which are
    complete when the last job has come, the jobs must not be acted upon.
    """

    def __init__(
        self,
        manifest: Manifest,
        prices: PriceTable,
        known: Known = NOTHING_KNOWN,
        stand_in: StandIn = themselves,
    ) -> None:
        self._manifest = manifest
        self._known = known
        self._findings = Findings()
        meter = Meter()
        loader = FolderLoader(manifest.path.parent, stand_in, meter)
        templates = Compiler(BoundedEnvironment(loader, meter), self._findings)
        used = {name for node in manifest.nodes.values() for name in node.for_each}
        self._tables = {
            name: open_table(source, manifest, templates, self._findings, stand_in)
            for name, source in manifest.inputs.items()
            if name in used
        }
        tools = Tools(
            manifest=manifest,
            known=known,
            prices=prices.overridden(manifest.price_overrides),
            tables=self._tables,
            templates=templates,
            path_templates=Compiler(PathEnvironment(None, meter), self._findings),
            findings=self._findings,
        )
        recipes: dict[str, Recipe] = {}
        for node in map(manifest.nodes.__getitem__, manifest.graph.order()):
            recipes[node.name] = Recipe(node, tuple(recipes[name] for name in node.sources), tools)
        self._recipes = [recipes[name] for name in manifest.nodes]
        self._own_rows: dict[str, list[Binding]] = {}
        self._rehearsed: set[Recipe] = set()
        for recipe in self._recipes:
            recipe.consumers.sort(key=self._recipes.index)

    def __iter__(self) -> Iterator[Job]:
        clashes = Clashes(self._manifest, self._findings)
        for made in self._walk():
            if made.recipe.named:
                clashes.register(made.job)
            if not made.broken:
                yield made.job
        errors = self._findings.errors
        for table in self._tables.values():
            table.name_repeated_keys()
        # Rows of one key bring jobs of one key and images of one path: told once is enough.
        if self._findings.errors == errors and clashes.suspected():
            for made in self._walk():
                if made.recipe.named:
                    clashes.name(made.job)

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """Errors and warnings, sorted by place."""
        return self._findings.diagnostics()

    def _walk(self) -> Iterator[Made]:
        for recipe in self._recipes:
            if recipe.has_rows and not recipe.node.sources:
                for binding in bindings(recipe.node, self._tables, self._findings):
                    yield from self._jobs(recipe, binding, None, None, "")

    def _jobs(
        self, recipe: Recipe, binding: Binding, source: Made | None, number: int | None, label: str
    ) -> Iterator[Made]:
        """The jobs of a row, or of a source's image with a row, each with all that follows from it."""
        if not recipe.keeps(binding, source):
            return
        for take in recipe.takes:
            made = self._made(recipe, binding, source, number, label, take)
            yield made
            for consumer in recipe.consumers:
                yield from self._following(consumer, made)

    def _made(
        self, recipe: Recipe, binding: Binding, source: Made | None, number: int | None, label: str, take: int | None
    ) -> Made:
        """A job, marked when a person asks for other images than those that it has."""
        made = recipe.make(binding, source, number, label, take)
        if made.broken or not self._known.decided(made.job.key, made.job.fingerprint):
            return made
        task = self._task(made)
        consumers = [consumer.node.name for consumer in recipe.consumers]
        line = None if task is None else self._known.rerolled(made.job.key, task, consumers)
        if line is None:
            return made
        if not may_follow(Mode.REROLL, recipe.mode):
            self._findings.error(
                line.place or recipe.node.place,
                "MJ091",
                f"`{made.job.key}` cannot be rerolled: the service does not offer it after `{recipe.mode}`",
                help="reroll the job that it started from, or change a param to have it made anew",
            )
        return replace(made, job=replace(made.job, reroll=task))

    def _task(self, made: Made) -> TaskId | None:
        """What holds a job's result: nothing of it is known that would not be known of its source first."""
        if made.job.reroll is not None:
            return None
        of = self._task(made.source) if made.source else None
        if made.source and of is None:
            return None
        return self._known.task(made.job.key, made.job.fingerprint, of)

    def _following(self, consumer: Recipe, made: Made) -> Iterator[Made]:
        """What a node makes of a job's images; a placeholder while a person has not chosen among them."""
        numbers = self._numbers(consumer, made)
        if numbers is None:
            place = self._place_for_picks(consumer, made)
            if place:
                yield Made(consumer, place, made, made.binding, "", broken=made.broken or consumer.broken)
            return
        for number in numbers:
            label = consumer.source_label(made, number)
            for binding in self._rows(consumer, made):
                yield from self._jobs(consumer, binding, made, number, label)

    def _rows(self, consumer: Recipe, made: Made) -> Iterable[Binding]:
        """The rows of a follower: its source's, with each of its own inputs' rows if it has inputs."""
        if not consumer.node.for_each:
            return (made.binding,)
        if consumer.node.name not in self._own_rows:
            self._own_rows[consumer.node.name] = list(bindings(consumer.node, self._tables, self._findings))
        return combined(made.binding, self._own_rows[consumer.node.name])

    def _numbers(self, consumer: Recipe, made: Made) -> Sequence[int | None] | None:
        """The images of a job that a node starts from: None for the whole task, all of it None while undecided."""
        if not consumer.has_rows:
            return ()
        if consumer.node.doubts("images"):
            return consumer.could_start_from(made)
        match consumer.node.images:
            case Images.PICK:
                return self._picked(consumer, made)
            case Images.ALL:
                return self._came(made)
            case None:
                return (None,)
            case numbers:
                return numbers

    def _picked(self, consumer: Recipe, made: Made) -> Sequence[int] | None:
        """The images that a person chose, but for such as the job can never have."""
        task = self._task(made)
        line = None if task is None else self._known.picked(made.job.key, task, consumer.node.name)
        if line is None:
            return None
        there = {*range(made.recipe.planned), *self._came(made)} if line.images else set[int]()
        for number in line.images:
            if number not in there:
                self._findings.error(
                    line.place or consumer.node.place,
                    "MJ093",
                    f"`{made.job.key}` has no image {number}",
                    help=f"its images count from 0: {' '.join(map(str, self._came(made)))}",
                )
        return [number for number in line.images if number in there]

    def _came(self, made: Made) -> Sequence[int]:
        task = self._task(made)
        return range(made.recipe.planned) if task is None else self._known.came(task)

    def _place_for_picks(self, consumer: Recipe, made: Made) -> Job | None:
        """None when no pick would bring a job, because `where` drops the row."""
        numbers = self._came(made)
        possible = self._possible(consumer, made, numbers[0]) * len(numbers) if numbers else ()
        if not possible:
            return None
        if consumer not in self._rehearsed:
            self._rehearsed.add(consumer)
            imagined = islice(self._imagined(consumer, made, numbers), LONGEST_REHEARSAL)
            warn_of_clashes(made, imagined, consumer, self._manifest, self._findings)
        return consumer.placeholder(made, possible)

    def _imagined(self, consumer: Recipe, made: Made, numbers: Sequence[int | None]) -> Iterator[Made]:
        """The jobs that picking all of these images would bring, and all of theirs."""
        for number in numbers:
            label = consumer.source_label(made, number)
            for binding in self._rows(consumer, made):
                for take in consumer.takes if consumer.keeps(binding, made) else ():
                    one = consumer.make(binding, made, number, label, take)
                    yield one
                    for follower in one.recipe.consumers:
                        yield from self._imagined(follower, one, follower.could_start_from(one))

    def _possible(self, consumer: Recipe, made: Made, number: int | None) -> tuple[tuple[str, Usd | None], ...]:
        """Node and price of each job that an image would bring, with all that could follow from those.

        What a row makes of one image it makes of the others too, so that one stands for all of them; that it is made
        at all shows the mistakes that would wait behind the picks.
        """
        entries: tuple[tuple[str, Usd | None], ...] = ()
        label = consumer.source_label(made, number)
        for binding in self._rows(consumer, made):
            if consumer.keeps(binding, made):
                one = consumer.make(binding, made, number, label, consumer.takes[0])
                entries += self._with_followers(one) * len(consumer.takes)
        return entries

    def _with_followers(self, made: Made) -> tuple[tuple[str, Usd | None], ...]:
        entries: tuple[tuple[str, Usd | None], ...] = ((made.recipe.node.name, made.job.price),)
        for consumer in made.recipe.consumers:
            numbers = consumer.could_start_from(made)
            entries += self._possible(consumer, made, numbers[0]) * len(numbers) if numbers else ()
        return entries
