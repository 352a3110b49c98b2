"""What of a plan a run is restricted to, by `--select` and `--sample`, and what it tries again."""

import shlex
from collections.abc import Iterable, Iterator, Sequence

from mjpipe.domain import Job, JobState, Standing
from mjpipe.manifest import Manifest
from mjpipe.plan import Blocker, Part, PlanSummary, Selection, sampled, with_sources


class Narrowing:
    """Passes on what is selected, failed jobs as they stand when they are tried again, if they are: those are also put
    into `retried`. What the service does not offer is not tried again.

    Raises UsageFault for a term that names nothing: when it is made, or after the last job.
    """

    def __init__(self, manifest: Manifest, select: Sequence[str], sample: int | None, *, retry_failed: bool) -> None:
        self._selection = Selection(manifest, select) if select else None
        self.part = Part(chosen=self._selection, retry_failed=retry_failed)
        self.narrows = bool(select) or sample is not None
        self.retried: list[Job] = []
        self._select = select
        self._sample = sample

    def __call__(self, pairs: Iterable[tuple[Job, Standing]]) -> Iterable[tuple[Job, Standing]]:
        if self._selection is not None:
            pairs = self._selection.looking(pairs)
        if self._sample is not None:
            pairs = sampled(pairs, self._sample)
        if self._selection is not None:
            pairs = filter(lambda pair: self.part.takes(*pair), pairs)
        return self._retrying(pairs) if self.part.retry_failed else pairs

    def _retrying(self, pairs: Iterable[tuple[Job, Standing]]) -> Iterator[tuple[Job, Standing]]:
        for job, standing in pairs:
            if standing.state is JobState.FAILED and standing.offered:
                self.retried.append(job)
                if standing.images_gone:  # paid for: its images are asked for, and it is not submitted
                    yield job, Standing(state=JobState.SUCCEEDED, paid=standing.paid)
                else:
                    yield job, Standing(state=JobState.READY, reason="retry requested", paid=standing.paid)
            else:
                yield job, standing

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
        sample = [] if self._sample is None else ["--sample", str(self._sample)]
        return shlex.join([*sample, *(word for text in select for word in ("--select", text))])
