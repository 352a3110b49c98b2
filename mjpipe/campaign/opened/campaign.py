"""An open campaign: its manifest, prices, picks, state folder, and planned jobs."""

import os
import shlex
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path

from mjpipe.campaign.opened.first_names import FirstNames
from mjpipe.campaign.opened.former_states import state_of, with_present_name
from mjpipe.campaign.opened.history import LedgerAndPicks
from mjpipe.campaign.opened.manifest_file import manifest_file
from mjpipe.campaign.outputs import located_outputs
from mjpipe.domain import Diagnostic, InvalidManifest, Job, JobKey, MjpipeError, UsageFault, Usd
from mjpipe.ledger import (
    Ledger,
    NewBindings,
    Reader,
    Records,
    StateFolder,
    Take,
    Takeovers,
    this_process,
)
from mjpipe.manifest import Manifest, load_manifest
from mjpipe.plan import Pick, Picks, ReadInstead, expand, originals, picks_about_nothing, read_picks, stale_picks
from mjpipe.pricing import PriceTable, load_prices


@dataclass(frozen=True, slots=True, kw_only=True)
class Expanded:
    """What is known once all jobs are planned: warnings sorted by place, what picks and names are bound to, and the
    lines of the picks file that were made for earlier images of planned jobs.
    """

    warnings: tuple[Diagnostic, ...]
    bindings: NewBindings
    stale_picks: tuple[Pick, ...] = ()


def _nobody(_: Sequence[Job]) -> None:
    """For callers that do not need the jobs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """`diagnostics` are those of the manifest and the picks alone; if one is an error, `expand` raises at its end.

    `sandbox`: state and images are the sandbox's, beside the real ones. `typed` names this campaign in a command, see
    `typed_campaign`.
    """

    manifest: Manifest
    prices: PriceTable
    folder: StateFolder
    sandbox: bool
    typed: str
    picks: Picks = field(repr=False)
    diagnostics: tuple[Diagnostic, ...] = field(repr=False)

    @property
    def names(self) -> tuple[str, ...]:
        """Its name, and those that it had."""
        return (self.manifest.campaign, *self.manifest.was)

    def expand(
        self,
        ledger: Reader,
        take: Take,
        read_instead: ReadInstead = originals,
        go_on: Callable[[], None] = lambda: None,
        *,
        by_itself: bool = False,
    ) -> Expanded:
        """Plans all jobs, using what the ledger knows of earlier ones, and hands them to `take`.

        `by_itself`: the ledger is not the campaign's, so that picks may be about more than this plan shows.
        `read_instead` is asked for every file that they are made from. `go_on` is called now and then; what it raises
        ends the planning. Raises InvalidManifest with all diagnostics if one is an error; then nothing may be done with
        the jobs.
        """
        if self.manifest.price_file is not None:
            # Its prices are in the manifest already; this only records that it was read.
            read_instead(self.manifest.price_file)
        history = self.history(ledger, read_instead, go_on)
        unplanned = self.picks.keys()
        behind_picks: set[str] = set()

        def hand_on(jobs: Sequence[Job]) -> None:
            go_on()
            unplanned.difference_update([job.key for job in jobs])
            if by_itself and unplanned:
                behind_picks.update(node for job in jobs for node, _ in job.possible_jobs)
            take(jobs)

        mistakes = expand(self.manifest, self.prices, hand_on, history=history, read_instead=read_instead)
        found = {*self.diagnostics, *mistakes, *history.differing()}
        if by_itself:
            unplanned -= self._known_to_state(unplanned, behind_picks)
        found |= {*self._picks_about_nothing(history, unplanned, found)}
        stale = history.stale_in_plan(self.picks.keys() - unplanned)
        diagnostics = sorted([*found, *stale_picks(stale)], key=Diagnostic.order)
        if any(diagnostic.is_error for diagnostic in diagnostics):
            raise InvalidManifest(diagnostics)
        return Expanded(warnings=tuple(diagnostics), bindings=history.bindings, stale_picks=stale)

    def _picks_about_nothing(
        self, history: LedgerAndPicks, unplanned: Collection[JobKey], found: Collection[Diagnostic]
    ) -> Iterator[Diagnostic]:
        """Warnings for picks without effect. Keys that are not in the plan count only if no error was `found` that may
        have kept jobs out of it.
        """
        if any(mistake.is_error and mistake.place.file != self.picks_shown for mistake in found):
            unplanned = ()
        names = {*self.manifest.nodes, *(name for node in self.manifest.nodes.values() for name in node.was or ())}
        return picks_about_nothing(history.undecided(), unplanned, names)

    def _known_to_state(self, keys: Collection[JobKey], behind_picks: Collection[str]) -> set[JobKey]:
        """The keys that a plan with the state may know: of nodes that had other names, of follow-ups whose source is
        picked there, and those under which a line is on record.
        """
        former = {name for node in self.manifest.nodes.values() for name in node.was or ()}
        try:
            with self.reading() as ledger:
                on_record = {key for key, _, _ in ledger.tasks.of_picks()} if keys else set()
        except MjpipeError:  # which the commands that need the state report
            on_record = set()
        names = {*former, *behind_picks}
        return {key for key in keys if key in on_record or key.partition("/")[0] in names}

    @property
    def receipts(self) -> Path | None:
        """The folder of the receipts, None when none are wanted. Those of the sandbox lie in its state."""
        if self.manifest.receipts is None:
            return None
        return self.folder.path / "receipts" if self.sandbox else self.manifest.receipts

    @property
    def picks_shown(self) -> str:
        """The picks file as diagnostics show it."""
        return os.path.relpath(self.manifest.picks)

    def history(
        self,
        ledger: Reader,
        read_instead: ReadInstead = originals,
        go_on: Callable[[], None] = lambda: None,
        of_keys: Collection[JobKey] | None = None,
    ) -> LedgerAndPicks:
        """What the ledger and the picks say about planned jobs; `of_keys` as in `expand` of `mjpipe.plan`."""
        names = FirstNames(ledger)
        names.of_nodes(self.manifest.nodes)

        def look(found: Takeovers, take: Take) -> None:
            def hand_on(jobs: Sequence[Job]) -> None:
                go_on()
                take(jobs)

            history = LedgerAndPicks(ledger, self.picks, self.manifest.nodes, lambda: found, names)
            expand(self.manifest, self.prices, hand_on, history=history, read_instead=read_instead, of_keys=of_keys)

        return LedgerAndPicks(ledger, self.picks, self.manifest.nodes, cache(lambda: ledger.takeovers(look)), names)

    def check(self, ledger: Reader, *, by_itself: bool = False) -> tuple[Diagnostic, ...]:
        """Plans all jobs and keeps none; returns the warnings. Raises InvalidManifest with every diagnostic."""
        return self.expand(ledger, _nobody, by_itself=by_itself).warnings

    def limited(self, *, concurrency: int | None, budget: Usd | None) -> "Campaign":
        """The same campaign with these limits in place of the manifest's; None keeps the manifest's."""
        limits = self.manifest.limits
        changed = replace(
            limits,
            concurrency=limits.concurrency if concurrency is None else concurrency,
            budget=limits.budget if budget is None else budget,
        )
        return replace(self, manifest=replace(self.manifest, limits=changed))

    def outputs_before(self, ledger: Reader) -> Path | None:
        """The folder that images are still in if the manifest's output folder changed after the last run, else None."""
        home, bound = self.manifest.path.parent, ledger.bindings.get("outputs")
        if bound in (None, os.path.relpath(self.manifest.outputs.dir, home)):
            return None
        return (home / str(bound)).resolve()

    def has_outputs_of(self, ledger: Reader) -> bool:
        """Whether this state has brought images to the output folder, or was to."""
        return ledger.bindings.get("outputs") is not None and self.outputs_before(ledger) is None

    def refuse_to_replace(self, file: Path, inputs: Iterable[Path] = ()) -> None:
        """Raises UsageFault if a `file` that is to be written is one that the campaign needs: the manifest, the prices,
        the picks, the ledger, a receipt, or one of these `inputs`.
        """
        written, ledger = Path(os.path.realpath(file)), Path(os.path.realpath(self.folder.ledger))
        needed = {self.manifest.path, self.manifest.picks, self.manifest.price_file or self.manifest.path, *inputs}
        is_of_ledger = written.parent == ledger.parent and written.name.startswith(ledger.name)
        is_receipt = self.receipts is not None and written.is_relative_to(os.path.realpath(self.receipts))
        if is_of_ledger or is_receipt or written in {Path(os.path.realpath(path)) for path in needed}:
            raise UsageFault(f"`{file}` would be replaced, and the campaign needs it", help="name another file")

    def check_owner(self, ledger: Reader) -> None:
        """Raises UsageFault if a state is another campaign's."""
        self.folder.check_owner(ledger, self.manifest.path, sandbox=self.sandbox)

    @contextmanager
    def writing(self, *, host: str | None = None) -> Iterator[Ledger]:
        """The ledger, locked for this process; created if there is none. What is recorded goes into the receipts too.

        `host` is where submissions go to, None for commands that send nothing. Raises Locked, UsageFault if it belongs
        to another campaign, and StateFault, also at the end, when the receipts cannot be written.
        """
        with (
            self.folder.lock(),
            closing(Ledger.open(self.folder.ledger)) as ledger,
            ledger.damage_explains_faults(),
        ):
            self.check_owner(ledger)
            host = host or ledger.bindings.get("host")
            with (
                ledger.hold.kept(this_process(), time.time()),
                ledger.writing_receipts(
                    self.receipts, host=host, campaign=self.manifest.campaign, private=self.sandbox
                ),
            ):
                yield ledger

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """The ledger for reading, an empty one if nothing has run yet. A run may go on meanwhile."""
        if not self.folder.has_ledger():
            with closing(Ledger.in_memory()) as ledger:
                yield ledger
            return
        with self.records() as records:
            yield records.ledger

    @contextmanager
    def records(self, *, reporting: bool = False) -> Iterator[Records]:
        """The records of a campaign that has run; after a killed run, as the next run will find them.

        `reporting` lets the ledger remember which reports were written. Raises UsageFault if nothing has run, and if
        the state belongs to another campaign.
        """
        if not self.folder.has_ledger():
            raise UsageFault(
                f"nothing was run here yet: campaign `{self.manifest.campaign}` has no state in `{self.folder.path}`",
                help=f"`mjpipe plan {self.typed}` shows what a run would do; --sandbox reads the sandbox's state",
            )
        opened = Records.open_to_report if reporting else Records.open
        records = opened(self.folder.ledger)
        try:
            self.check_owner(records.ledger)
            if records.is_submitting() and not self.folder.is_held():
                records = records.interrupted(time.time())
            with records.ledger.damage_explains_faults():
                yield records
        finally:
            records.close()


def typed_campaign(path: Path, *, state: Path | None = None, sandbox: bool = False) -> str:
    """The campaign in a command: its manifest and the options for its state, quoted for a shell."""
    return shlex.join([str(path), *(["--sandbox"] * sandbox), *(["--state", str(state)] if state else [])])


def open_campaign(path: Path, *, state: Path | None = None, sandbox: bool = False, to_write: bool = False) -> Campaign:
    """Reads the manifest, `path` or the only one in that folder. Raises InvalidManifest only if none of it can be used;
    else `expand` raises, with all.

    The state of a campaign that had another name is used under that name, and with `to_write` renamed first. Raises
    UsageFault if there are several such states, and Locked if a run holds the one that is to be renamed.
    """
    loaded = load_manifest(manifest_file(path))
    if loaded.manifest is None:
        raise InvalidManifest(loaded.diagnostics)
    manifest = loaded.manifest
    suffix = ".sandbox" if sandbox else ""
    folder = StateFolder(state) if state else state_of(manifest, suffix)
    if to_write and state is None:
        folder = with_present_name(manifest, suffix)
    outputs = located_outputs(manifest, folder, sandbox=sandbox)
    picks_file = manifest.picks.with_stem(manifest.picks.stem + suffix) if sandbox else manifest.picks
    manifest = replace(manifest, outputs=outputs, picks=picks_file)
    picks, mistakes = read_picks(manifest.picks, shown=os.path.relpath(manifest.picks))
    if state is None:
        _refuse_to_start_over(manifest, folder, suffix)
    elif manifest.receipts is not None and manifest.receipts.is_relative_to(state.absolute()):
        raise UsageFault(
            f"the receipts in `{manifest.receipts}` would be lost with the state in `{state}`",
            help="name another folder with --state, or another one with `receipts:` in the manifest",
        )
    return Campaign(
        manifest=manifest,
        prices=load_prices(),
        folder=folder,
        sandbox=sandbox,
        typed=typed_campaign(path, state=state, sandbox=sandbox),
        picks=picks,
        diagnostics=(*loaded.diagnostics, *mistakes),
    )


def _refuse_to_start_over(manifest: Manifest, folder: StateFolder, suffix: str) -> None:
    """A link to a manifest is a campaign of its own, with its own state. Whoever has run the linked campaign probably
    does not mean to pay for everything again.
    """
    if not manifest.path.is_symlink() or folder.has_ledger():
        return
    target = manifest.path.resolve()
    names = (manifest.campaign, *manifest.was)
    states = [StateFolder(target.parent / ".mjpipe" / f"{name}{suffix}") for name in names]
    state = next((state for state in states if state.ledger.exists()), None)
    if state is not None:
        raise UsageFault(
            f"`{manifest.path}` is a link to `{target}`, whose campaign has its state in `{state.path}`",
            help=f"continue with `{target}`, or start a separate one here with --state {folder.path}",
        )
