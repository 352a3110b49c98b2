"""Plans the jobs of one node; what is the same in all rows is prepared once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from mjpipe.contract import DRAFT_VERSION, Speed, is_draft
from mjpipe.domain import (
    Fingerprint,
    Job,
    JobKey,
    JsonObject,
    Severity,
    Source,
    Usd,
    fingerprint,
    former_forms,
    in_plain_form,
)
from mjpipe.files import Lengths
from mjpipe.manifest import ChosenImages, Manifest, Node
from mjpipe.plan.inputs.node_rows import NodeRow
from mjpipe.plan.inputs.tables import InputTable
from mjpipe.plan.inputs.variables import Variables
from mjpipe.plan.jobs.history import History
from mjpipe.plan.jobs.image_paths import ImagePaths
from mjpipe.plan.jobs.labels import image_label, job_key, lead_of, led_by, undecided_label
from mjpipe.plan.jobs.requests.blame import Blame, in_row, mistakes_in_manifest, mistakes_in_row
from mjpipe.plan.jobs.requests.compiled_params import ParamCompiler, render_failed
from mjpipe.plan.jobs.requests.requests import Requests
from mjpipe.plan.mistakes import Mistake, Mistakes
from mjpipe.plan.safe_names import key_part
from mjpipe.plan.templates.compiler import Compiler
from mjpipe.plan.templates.names.scope import SOURCE_KEY, Values, constants_of
from mjpipe.plan.templates.template import RenderFault
from mjpipe.pricing import PriceTable


@dataclass(frozen=True, slots=True)
class PlannerContext:
    """What the planners of all nodes of a manifest share."""

    manifest: Manifest
    history: History
    prices: PriceTable
    tables: Mapping[str, InputTable]
    templates: Compiler
    path_templates: Compiler
    lengths: Lengths
    mistakes: Mistakes


class PlannedJob(NamedTuple):
    """A job with what its followers need: its source, its row, and the lead of its images' labels.

    A `broken` one has a mistake, or its source has. It is made only to check its follow-ups. (A tuple, like the rows:
    it is made for each job, and takes a third of a frozen dataclass's time.)
    """

    planner: "NodePlanner"
    job: Job
    source: "PlannedJob | None"
    row: NodeRow
    lead: str
    broken: bool = False

    def label(self, number: int) -> str:
        return image_label(self.lead, number, planned=self.planner.image_count)

    @property
    def can_be_enhanced(self) -> bool:
        """A draft can be, and so can the reroll of one."""
        if self.planner.mode.facts.repeats_source:
            return self.source is not None and self.source.can_be_enhanced
        request = self.job.request
        if self.broken and request.get("speed", Speed.DRAFT) == Speed.DRAFT:
            return True  # or its speed or version is wrong, and reported
        speed = Speed(str(request["speed"])) if "speed" in request else None
        return is_draft(self.planner.mode, speed, str(request.get("version")))


_SOURCE = frozenset({"key"})


class NodePlanner:
    """Plans the jobs of one node.

    A planner with a mistake that concerns all rows is `broken`: its jobs are planned only to find further mistakes. It
    `has_rows` unless the intended rows are unknown.
    """

    def __init__(self, node: Node, sources: tuple["NodePlanner", ...], context: PlannerContext) -> None:
        self.node = node
        self.mode = node.mode
        self.image_count = self.mode.facts.images
        self._needs_drafts = self.mode.facts.follows_drafts_only
        self.takes: tuple[int | None, ...] = (None,) if node.take is None else tuple(range(node.take))
        self.consumers: list[NodePlanner] = []
        self._mistakes = context.mistakes
        self._history = context.history
        self._looks_back = context.history.looks_back
        self._name = context.history.first_name(node.name, node.was)
        self._key_name = key_part(node.name)
        errors = context.mistakes.errors
        tables = [context.tables[name] for name in node.for_each]
        self.variables: Variables = Variables.of(
            node, tables, [source.variables for source in sources], context.mistakes
        )
        self._compile(context)
        self._tables: dict[str, InputTable] = {table.name: table for table in tables}
        for source in sources:
            self._tables |= source._tables  # noqa: SLF001 - another planner
        for table in self._tables.values():
            table.send(self._requests.columns, self._requests.described_by)
        self.has_rows: bool = not node.is_broken("where") and (node.where is None or self._where is not None)
        self.broken: bool = (
            bool(node.broken)
            or any(table.broken for table in tables)
            or any(source.broken for source in sources)
            or self._requests.broken
            or self._paths.broken
            or context.mistakes.errors > errors
        )
        self.named: bool = (
            not any(node.is_broken(part) for part in ("for_each", "from", "images", "take"))
            and all(table.has_keys for table in tables)
            and all(source.named for source in sources)
        )
        """Whether its jobs have their intended keys."""
        for source in sources:
            source.consumers.append(self)

    def _compile(self, context: PlannerContext) -> None:
        node = self.node
        lost = node.is_broken("from") and not node.sources
        scope = self.variables.scope(
            constants_of(context.manifest),
            source=_SOURCE if node.sources else frozenset(),
            ambiguous=frozenset({"source"} if lost else ()),
        )
        # Only a request can wait for the URL of its source.
        params_scope = replace(scope, source=_SOURCE | {"url"}) if node.sources else scope
        fields = self.mode.facts.field_names
        params = ParamCompiler(params_scope, context.templates, context.mistakes, fields)
        self._requests = Requests(node, params, context.prices)
        self._report(mistakes_in_manifest(self._requests.blames, node))
        self._where = context.templates.condition(node.where, scope) if node.where else None
        self.chooses: bool = self._where is not None
        """Whether some rows may have no job."""
        labels = {name: context.templates.template(text, scope) for name, text in node.labels.items()}
        self._labels = {name: template for name, template in labels.items() if template}
        self._paths = ImagePaths(
            node, context.manifest, scope, context.path_templates, context.mistakes, lengths=context.lengths
        )
        texts = [node.where, context.manifest.outputs.path, *node.labels.values()]
        self._asks_source = self._requests.asks_source or any(text and "source" in text.source for text in texts)

    def keeps(self, row: NodeRow, source: PlannedJob | None) -> bool:
        """Whether the node's `where` is true of a row."""
        if self._where is None:
            return True
        try:
            return self._where(self._values(row, source))
        except RenderFault as fault:
            assert self.node.where
            failed = Mistake(self.node.where.place, fault.code, fault.message("`where`"), fault.help)
            self._mistakes.add(in_row(failed, row, fault.column, at=row.key))
            return False

    def plan(
        self, row: NodeRow, source: PlannedJob | None, number: int | None, source_label: str, take: int | None
    ) -> PlannedJob:
        """The job for a row and an image of a source's job."""
        values = self._values(row, source)
        key = job_key(self._key_name, row.key, source_label, take)
        lead = lead_of(source_label, take)
        request: JsonObject
        request, blames = self._requests.request(values, number)
        labels, label_blames = self._labels_of(values, source)
        paths, path_mistakes = self._paths.of(row, values, key, take, lead)
        wrong = False
        if blames or label_blames:
            wrong = self._report(mistakes_in_row(blames + label_blames, self.node, row, key))
        wrong |= self._report(path_mistakes)
        if source and self._needs_drafts:
            wrong |= self._report(self._wants_draft(source))
        broken = wrong or self.broken or (source is not None and source.broken)
        origin = Source(key=source.job.key, fingerprint=source.job.fingerprint, number=number) if source else None
        former = self._former_requests(row, source, request, number) if row.has_former else ()
        digest = fingerprint(self._name, request, origin)
        if (former or self._looks_back) and not self._history.is_made(digest, key):
            request, digest = self._as_made(key, request, digest, (*former, *former_forms(request)), origin)
        job = Job(
            key=key,
            fingerprint=digest,
            node=self.node.name,
            kind=self.node.kind,
            request=request,
            price=None if broken else self._requests.price(request, source.job.price if source else None),
            paths=paths,
            row=row.cells,
            labels=labels,
            lead=lead,
            source=origin,
            take=take,
            depth=source.job.depth + 1 if source else 0,
            from_all_images=self.node.images is ChosenImages.ALL,
            former_requests=former,
        )
        return PlannedJob(self, job, source, row, lead, broken)

    def _as_made(
        self, key: JobKey, request: JsonObject, digest: Fingerprint, former: Sequence[JsonObject], origin: Source | None
    ) -> tuple[JsonObject, Fingerprint]:
        """The request, as an older release sent it if that was made and the present form was not, and its fingerprint.
        What was made for the same key comes first.
        """
        forms = [(request, digest), *((other, fingerprint(self._name, other, origin)) for other in former)]
        made = self._history.is_made
        for of in (key, None):
            for other, found in forms if len(forms) > 1 else ():
                if made(found, of):
                    return other, found
        return request, digest

    def _former_requests(
        self, row: NodeRow, source: PlannedJob | None, request: Mapping[str, Any], number: int | None
    ) -> tuple[JsonObject, ...]:
        """What older releases sent for a row with values that they read in another form; the same as an upgrade of the
        ledger has changed it.
        """
        if all(self._requests.reads.isdisjoint(part.former) for part in row.parts):
            return ()
        values = row.former_values
        if source is not None and self._asks_source:
            values = {**values, SOURCE_KEY: source.job.key}
        former = self._requests.former_request(values, number)
        if former is None:
            return ()
        forms = [former] if (upgraded := in_plain_form(former)) == former else [former, upgraded]
        return tuple(form for form in forms if form != request)

    def placeholder(self, source: PlannedJob, possible: tuple[tuple[str, Usd | None], ...]) -> Job:
        """The placeholder for a person's picks among the images of a source's job."""
        label = self._led(source, undecided_label(source.lead))
        origin = Source(key=source.job.key, fingerprint=source.job.fingerprint, number=None)
        request = {"mode": self.mode.value}
        return Job(
            key=job_key(self._key_name, source.row.key, label, None),
            fingerprint=fingerprint(self._name, request, origin),
            node=self.node.name,
            kind=self.node.kind,
            request=request,
            price=None,
            paths=(),
            row=source.row.cells,
            # Their mistakes were found with the jobs that picks could bring.
            labels=source.job.labels
            if self.node.for_each
            else self._labels_of(self._values(source.row, source), source)[0],
            source=origin,
            depth=source.job.depth + 1,
            possible_jobs=possible,
        )

    def could_start_from(self, source: PlannedJob) -> Sequence[int | None]:
        """The planned images of a source that this node may start from, all of them if a person picks.

        None is the whole task.
        """
        match self.node.images:
            case _ if not self.has_rows:
                return ()
            case _ if self.node.is_broken("images"):
                return (None if self.mode.facts.takes_whole_task else 0,)
            case ChosenImages():
                return range(source.planner.image_count)
            case None:
                return (None,)
            case numbers:
                return numbers

    def source_label(self, source: PlannedJob, number: int | None) -> str:
        """The lead of labels of images made from a source's image, or from its whole task."""
        return self._led(source, source.lead if number is None else source.label(number))

    def _led(self, source: PlannedJob, label: str) -> str:
        return led_by(key_part(source.planner.node.name), label) if len(self.node.sources) > 1 else label

    def _values(self, row: NodeRow, source: PlannedJob | None) -> Values:
        if source is None or not self._asks_source:
            return row.values
        return {**row.values, SOURCE_KEY: source.job.key}

    def _labels_of(self, values: Values, source: PlannedJob | None) -> tuple[dict[str, str], list[Blame]]:
        """The node's own, after those of the source: a column of a report is then filled for all that follows."""
        labels = dict(source.job.labels) if source else {}
        blames = []
        for name, template in self._labels.items():
            try:
                labels[name] = template.render(values)
            except RenderFault as fault:
                blames.append(Blame("labels", template, render_failed(fault)))
        return labels, blames

    def _wants_draft(self, source: PlannedJob) -> Iterator[Mistake]:
        if not (source.can_be_enhanced or self.node.is_broken("from")):
            yield Mistake(
                self.node.places.get("from", self.node.place),
                "MJ079",
                f"`{self.node.kind}` needs drafts, and not all jobs of `{source.planner.node.name}` are drafts",
                f"`{source.job.key}` is not a draft of version {DRAFT_VERSION}",
                at=source.job.key,
            )

    def _report(self, mistakes: Iterable[Mistake]) -> bool:
        """Whether there is an error among them."""
        errors = 0
        for mistake in mistakes:
            self._mistakes.add(mistake)
            errors += mistake.severity is Severity.ERROR
        return errors > 0
