"""What of a plan a run is restricted to, by `--select` and `--sample`."""

from collections.abc import Iterable, Iterator, Sequence

from mjpipe.domain import Job, JobState, Standing
from mjpipe.manifest import Manifest
from mjpipe.plan import sampled, selection


class Narrowing:
    """Passes on what is selected. Raises UsageFault when it is made with a term that names nothing."""

    def __init__(self, manifest: Manifest, select: Sequence[str], sample: int | None) -> None:
        self._chosen = selection(manifest, select) if select else None
        self._sample = sample
        self.narrows = bool(select) or sample is not None

    def __call__(self, pairs: Iterable[tuple[Job, Standing]]) -> Iterable[tuple[Job, Standing]]:
        if self._sample is not None:
            pairs = sampled(pairs, self._sample)
        if self._chosen is None:
            return pairs
        chosen = self._chosen
        return (pair for pair in pairs if chosen(*pair))


def retrying(pairs: Iterable[tuple[Job, Standing]], retried: list[Job]) -> Iterator[tuple[Job, Standing]]:
    """Failed jobs as they stand when they are tried again; they are also put into `retried`."""
    for job, standing in pairs:
        if standing.state is JobState.FAILED:
            retried.append(job)
            yield job, Standing(state=JobState.READY, reason="retry asked", paid=standing.paid)
        else:
            yield job, standing
