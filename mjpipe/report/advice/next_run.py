"""What the next run would do about a job."""

from dataclasses import dataclass
from math import ceil

from mjpipe.domain import IMAGES_GONE, JobState, clock_text
from mjpipe.ledger import SOURCE_GONE, JobRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRun:
    """`acts` says whether the next run does something about the job, and `what` says what, or why not."""

    acts: bool
    what: str


_PROSPECTS = {
    JobState.WAITING: NextRun(acts=True, what="it is submitted when its source has succeeded"),
    JobState.UNPICKED: NextRun(acts=False, what="a person has to pick images of its source first"),
    JobState.READY: NextRun(acts=True, what="it is submitted"),
    JobState.SUBMITTING: NextRun(
        acts=True, what="a run is submitting it; if that run has ended, the next one puts it in doubt"
    ),
    JobState.SUBMITTED: NextRun(acts=True, what="its task is polled; nothing is submitted"),
    JobState.SUCCEEDED: NextRun(acts=True, what="its images are fetched; nothing is paid for again"),
    JobState.DONE: NextRun(
        acts=False, what="nothing; a missing image is fetched again for free while the service keeps it"
    ),
    JobState.FAILED: NextRun(acts=False, what="it is left alone; `mjpipe run M --retry-failed` submits it again"),
    JobState.IN_DOUBT: NextRun(acts=False, what="it is left alone until `mjpipe resolve M` settles it"),
    JobState.SKIPPED: NextRun(acts=False, what="it is left out"),
}

_ORPHAN = NextRun(acts=False, what="the manifest no longer asks for it; it is kept, and can come back for free")
_SET_ASIDE = NextRun(acts=False, what="a person has said to pay for it again; what came of it is kept, for nobody")
_GONE = NextRun(
    acts=False,
    what="it is left alone; `mjpipe run M --retry-failed` asks for its images once more, which costs nothing",
)
_SOURCE_GONE = NextRun(
    acts=False,
    what="it is left alone; `mjpipe run M --retry-failed` submits it if its source image is there by then",
)
_UNPRICED = NextRun(acts=True, what="it is submitted, but not under a budget: its price is not documented")

_FINISHED_FOR_ORPHANS = frozenset({JobState.SUBMITTING, JobState.SUBMITTED, JobState.SUCCEEDED, JobState.IN_DOUBT})


def next_run(job: JobRecord, *, closed_until: float | None = None) -> NextRun:
    """Ignores what may stop a run before it reaches this job, such as a budget or Ctrl-C.

    `closed_until` is until when the service asked to be sent nothing, in seconds since the epoch.
    """
    if job.wanted and job.state is JobState.READY and closed_until is not None:
        what = f"it waits until {clock_text(ceil(closed_until))}, as the service asked; then it is submitted"
        return NextRun(acts=False, what=what)
    if job.set_aside and job.state not in _FINISHED_FOR_ORPHANS:
        return _SET_ASIDE
    if not job.wanted and job.state not in _FINISHED_FOR_ORPHANS:
        return _ORPHAN
    if job.state is JobState.FAILED and job.code == IMAGES_GONE:
        return _GONE
    if job.state is JobState.FAILED and job.code == SOURCE_GONE:
        return _SOURCE_GONE
    if job.state is JobState.READY and job.price is None:
        return _UNPRICED
    return _PROSPECTS[job.state]
