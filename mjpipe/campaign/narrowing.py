"""What of a plan a run is restricted to, by `--select` and `--sample`, and what it tries again."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from mjpipe.domain import Job, JobState, Standing
from mjpipe.manifest import Manifest
from mjpipe.plan import Blocker, Pair, Part, PlanSummary, Sample, Selection, with_sources


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowed:
    """What is known when all jobs are: the `rest` of the pairs, and the failed jobs that are `retried`."""

    rest: Sequence[Pair]
    retried: Sequence[Job]


class Narrowing:
    """Leaves what is selected, failed jobs as they stand when they are tried again, if they are. What the service does
    not offer is not tried again.

    For one plan: `take` is given its pairs, in batches, then comes `finish`. Raises UsageFault for a term that names
    nothing.
    """

    def __init__(self, manifest: Manifest, select: Sequence[str], sample: int | None, *, retry_failed: bool) -> None:
        self._selection = Selection(manifest, select) if select else None
        self.part = Part(chosen=self._selection, retry_failed=retry_failed)
        self.narrows = bool(select) or sample is not None
        self._retried: list[Job] = []
        self._select = select
        self._rows = sample
        self._sample = None if sample is None else Sample(sample)

    def take(self, pairs: Sequence[Pair]) -> Sequence[Pair]:
        """Those of the pairs that are left, as far as that is known already: a sample shows in the end."""
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
        if standing.images_gone:  # paid for: its images are asked for, and it is not submitted
            return job, Standing(state=JobState.SUCCEEDED, paid=standing.paid)
        return job, Standing(state=JobState.READY, reason="retry requested", paid=standing.paid)

    def widened(self, summary: PlanSummary) -> str | None:
        """The options that also select what the jobs of this part wait for; None when they do not wait for what is not
        selected, or when no such options are known.
        """
        wider = [with_sources(text) for text in self._select]
        if Blocker.NOT_SELECTED not in summary.tally.behind or wider == [*self._select]:
            return None
        return self._options(wider)

    @property
    def options(self) -> str:
        """What chooses this part again, as it is typed."""
        return self._options(self._select)

    def _options(self, select: Sequence[str]) -> str:
        sample = [] if self._rows is None else ["--sample", str(self._rows)]
        return shlex.join([*sample, *(word for text in select for word in ("--select", text))])
