"""The part of a plan that a run is restricted to (`--select`, `--sample`), and the failed jobs that it retries."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from mjpipe.domain import Job, JobState, Standing
from mjpipe.manifest import Manifest
from mjpipe.plan import Blocker, Pair, Part, PlanSummary, Sample, Selection, with_sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What is known once all jobs are: the `rest` of the pairs, and the failed jobs that are `retried`."""

    rest: Sequence[Pair]
    retried: Sequence[Job]


class Narrowing:
    """Keeps the selected jobs; with `retry_failed`, failed ones stand as if they were retried, except those that the
    service does not offer.

    For one plan: pass its pairs to `take`, in batches, then call `finish`. Raises UsageFault for a term that names
    nothing.
    """

    def __init__(self, manifest: Manifest, select: Sequence[str], sample: int | None, *, retry_failed: bool) -> None:
        self._selection = Selection(manifest, select) if select else None
        self.part = Part(chosen=self._selection, retry_failed=retry_failed)
        self._manifest = manifest
        self._retry_failed = retry_failed
        self.narrows = bool(select) or sample is not None
        self._retried: list[Job] = []
        self._select = select
        self._rows = sample
        self._sample = None if sample is None else Sample(sample)

    def again(self) -> "Narrowing":
        """The same, for another plan."""
        return Narrowing(self._manifest, self._select, self._rows, retry_failed=self._retry_failed)

    def take(self, pairs: Sequence[Pair]) -> Sequence[Pair]:
        """The pairs that are kept, as far as is known: a sample is only known at the end."""
        if self._selection is not None:
            for job, _ in pairs:
                self._selection.look(job)
        if self._sample is None:
            return self._left(pairs)
        for pair in pairs:
            self._sample.add(pair)
        return ()

    def finish(self) -> Narrowed:
        """All pairs were given. Raises UsageFault for a key or a column that no job has."""
        if self._selection is not None:
            self._selection.require_met()
        rest = () if self._sample is None else self._left(self._sample.pairs())
        return Narrowed(rest=rest, retried=self._retried)

    def _left(self, pairs: Sequence[Pair]) -> Sequence[Pair]:
        if self._selection is not None:
            pairs = [pair for pair in pairs if self.part.takes(*pair)]
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
        wider = [with_sources(text) for text in self._select]
        if Blocker.NOT_SELECTED not in summary.tally.behind or wider == [*self._select]:
            return None
        return self._options(wider)

    @property
    def options(self) -> str:
        """The options that select this part, as typed."""
        return self._options(self._select)

    def _options(self, select: Sequence[str]) -> str:
        sample = [] if self._rows is None else ["--sample", str(self._rows)]
        return shlex.join([*sample, *(word for text in select for word in ("--select", text))])
