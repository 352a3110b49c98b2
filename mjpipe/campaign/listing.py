"""Which jobs of a plan are listed, with what the state knows of them: what they stood for before, why they failed."""

from collections.abc import Iterable, Sequence

from mjpipe.domain import ZERO, Job, JobKey, JobState, Json, Standing, Usd, json_text
from mjpipe.ledger import Reader
from mjpipe.plan import Blocker, Change, JobList, ListedAs, ListedJob, Pair, Part
from mjpipe.report import request_with_placeholder

_FAILED = frozenset({JobState.FAILED, JobState.SKIPPED, JobState.IN_DOUBT})

_TO_SUBMIT = frozenset({JobState.READY, JobState.WAITING})

_BEHIND = {
    Blocker.FAILED: "which has failed",
    Blocker.IN_DOUBT: "which is in doubt",
    Blocker.SKIPPED: "which was skipped",
    Blocker.NOT_SELECTED: "which is not selected",
}


class JobListing:
    """Fills a list with jobs of the plan: for each plan call `begin`, `take` with its pairs, then `finish`."""

    def __init__(self, jobs: JobList) -> None:
        self.jobs = jobs

    def begin(self, ledger: Reader, part: Part) -> None:
        self.jobs.clear()
        self._ledger = ledger
        self._part = part

    def take(self, pairs: Sequence[Pair]) -> None:
        for job, standing in pairs:
            blocker = self._part.blocker(standing)
            listed_as = _listed_as(standing, blocker)
            if listed_as is not None and self.jobs.wants(listed_as):
                self.jobs.add(self._listed(job, standing, blocker, listed_as))

    def finish(self, orphans: Iterable[int]) -> None:
        """`orphans` are the rows of the ledger that no planned job has."""
        if not self.jobs.wants(ListedAs.ORPHANS):
            return
        for orphan in self._ledger.former_jobs.orphans(orphans):
            self.jobs.add(
                ListedJob(
                    key=orphan.key,
                    node=orphan.node,
                    listed_as=ListedAs.ORPHANS,
                    state=orphan.state,
                    why="no longer in the manifest",
                    price=orphan.paid,
                )
            )

    def _listed(self, job: Job, standing: Standing, blocker: Blocker | None, listed_as: ListedAs) -> ListedJob:
        why, code = standing.reason or "", None
        price: Usd | None = job.price
        up_to: Usd | None = None
        changes: Sequence[Change] = ()
        match listed_as:
            case ListedAs.CHANGED:
                changes = self._changes(job)
            case ListedAs.WAITING:
                why = _waits_for(standing, blocker)
                if job.possible_jobs:
                    price = ZERO
                    up_to = Usd(sum((usd for _, usd in job.possible_jobs if usd is not None), ZERO))
            case ListedAs.FAILED:
                why, code = self._reason(job, standing)
        return ListedJob(
            key=job.key,
            node=job.node,
            listed_as=listed_as,
            state=standing.state,
            why=why,
            price=price,
            up_to=up_to,
            code=code,
            changes=changes,
        )

    def _changes(self, job: Job) -> Sequence[Change]:
        former = self._ledger.former_jobs.request(job.key, job.fingerprint)
        if former is None:
            return ()
        before, after = request_with_placeholder(former), request_with_placeholder(job.request)
        texts = {name: (_text(before.get(name)), _text(after.get(name))) for name in {**before, **after}}
        return [Change(param=name, before=old, after=new) for name, (old, new) in texts.items() if old != new]

    def _reason(self, job: Job, standing: Standing) -> tuple[str, str | None]:
        found = self._ledger.former_jobs.failed_because(job.key, job.fingerprint)
        word = standing.state.value.replace("_", " ")
        if found is not None and (found.reason or found.code):
            return f"{word}: {found.reason or found.code}", found.code
        return (word if standing.offered else f"{word}: the service does not offer it after its source"), None


def _listed_as(standing: Standing, blocker: Blocker | None) -> ListedAs | None:
    if blocker is not None or standing.state is JobState.UNPICKED:
        return ListedAs.WAITING
    if standing.state in _FAILED:
        return ListedAs.FAILED
    if standing.state in _TO_SUBMIT and standing.reason is not None:
        return ListedAs.NEW if standing.reason == "new" else ListedAs.CHANGED
    return None


def _waits_for(standing: Standing, blocker: Blocker | None) -> str:
    source: JobKey | str = "its source" if standing.waits_for is None else f"`{standing.waits_for[0].key}`"
    return f"behind {source}, {_BEHIND[blocker]}" if blocker is not None else f"waits for a pick of {source}"


def _text(value: Json) -> str | None:
    return value if value is None or isinstance(value, str) else json_text(value)
