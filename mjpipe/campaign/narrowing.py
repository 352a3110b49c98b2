"""The part of a plan that a command is restricted to (`--select`, `--exclude`, `--sample`), and the failed jobs that a
run retries.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mjpipe.domain import Job, JobState, Standing, UsageFault
from mjpipe.manifest import Manifest
from mjpipe.plan import (
    WHOLE_PLAN,
    Blocker,
    Pair,
    Part,
    PartAsTyped,
    PlanSummary,
    Sample,
    SampledInput,
    Selection,
    with_sources,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What is known once all jobs are: the `rest` of the pairs, and the failed jobs that are `retried`."""

    rest: Sequence[Pair]
    retried: Sequence[Job]


class Narrowing:
    """Keeps the selected jobs; with `retry_failed`, failed ones stand as if they were retried, except those that the
    service does not offer.

    For one plan: pass its pairs to `take`, in batches, then call `finish`. Raises UsageFault for a sample of an unknown
    input; `is_mistaken` shows that `finish` will raise it whatever is planned.
    """

    def __init__(self, manifest: Manifest, typed: PartAsTyped = WHOLE_PLAN, *, retry_failed: bool = False) -> None:
        if typed.of is not None and typed.sample is None:
            raise UsageFault(
                "--of names the input of a sample, and no --sample is given",
                help=f"for three rows: --sample 3 --of {typed.of}",
            )
        self.typed = typed
        self._selection = Selection(manifest, typed.select) if typed.select else None
        self._exclusion = Selection(manifest, typed.exclude) if typed.exclude else None
        self._selections = [each for each in (self._selection, self._exclusion) if each is not None]
        self._kept_any = self._looked = False
        self.part = Part(chosen=self._chooses if self._selections else None, retry_failed=retry_failed)
        self._manifest = manifest
        self._retry_failed = retry_failed
        self.narrows = not typed.is_whole
        self._retried: list[Job] = []
        self._sample = None if typed.sample is None else Sample(typed.sample, SampledInput(manifest, typed.of))

    def again(self) -> "Narrowing":
        """The same, for another plan."""
        return Narrowing(self._manifest, self.typed, retry_failed=self._retry_failed)

    @property
    def is_mistaken(self) -> bool:
        return any(selection.is_mistaken for selection in self._selections)

    def take(self, pairs: Sequence[Pair]) -> Sequence[Pair]:
        """The pairs that are kept, as far as is known: a sample is only known at the end."""
        if self._selections:
            pairs = self._chosen(pairs)
        if self._sample is None:
            return self._as_retried(pairs)
        for pair in pairs:
            self._sample.add(pair)
        return ()

    def finish(self) -> Narrowed:
        """All pairs were given. Raises UsageFault, with all that is wrong, for a selection that chooses no job."""
        faults = [fault for selection in self._selections for fault in selection.faults()]
        if not faults and self._looked and not self._kept_any and not any(each.is_blind for each in self._selections):
            faults.append(
                UsageFault(
                    "nothing is left: --exclude names all jobs" + (" that --select names" if self._selection else ""),
                    help="leave one of them out",
                )
            )
        if faults:
            first, *others = faults
            first.others = tuple(others)
            raise first
        rest = () if self._sample is None else self._as_retried(self._sample.pairs())
        return Narrowed(rest=rest, retried=self._retried)

    def _chosen(self, pairs: Sequence[Pair]) -> Sequence[Pair]:
        for selection in self._selections:
            for pair in pairs:
                selection.look(*pair)
        chosen = [pair for pair in pairs if self.part.takes(*pair)]
        self._looked = self._looked or bool(pairs)
        self._kept_any = self._kept_any or bool(chosen)
        return chosen

    def _chooses(self, job: Job, standing: Standing) -> bool:
        if self._selection is not None and not self._selection(job, standing):
            return False
        return self._exclusion is None or not self._exclusion(job, standing)

    def _as_retried(self, pairs: Sequence[Pair]) -> Sequence[Pair]:
        return [self._tried_again(*pair) for pair in pairs] if self.part.retry_failed else pairs

    def _tried_again(self, job: Job, standing: Standing) -> Pair:
        if standing.state is not JobState.FAILED or not standing.offered:
            return job, standing
        self._retried.append(job)
        if standing.images_gone:  # paid for: its images are fetched, nothing is submitted
            return job, Standing(state=JobState.SUCCEEDED, paid=standing.paid, to_adopt=standing.to_adopt)
        return job, Standing(state=JobState.READY, reason="retry requested", paid=standing.paid)

    def widened(self, summary: PlanSummary) -> str | None:
        """The options that also select what the jobs of this part wait for; None if they wait for nothing outside it,
        or if there are no such options.
        """
        wider = replace(self.typed, select=[with_sources(text) for text in self.typed.select])
        if Blocker.NOT_SELECTED not in summary.tally.behind or wider.document() == self.typed.document():
            return None
        return wider.options
