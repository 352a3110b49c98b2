"""Planned jobs made by hand, and the steps of an attempt, as a run takes them."""

import json
from collections.abc import Iterable, Sequence

from mjpipe.domain import (
    EXTENSION,
    Answered,
    Fingerprint,
    Job,
    JobKey,
    JobState,
    JsonObject,
    Kind,
    Money,
    Source,
    Standing,
    TaskId,
    Usd,
    usd,
)
from mjpipe.ledger import Cap, InFlight, Intent, Intents, Ledger, Reader, ReadyJob, Stored, Verdict

FAST = usd("0.20")
HOST = "api.test"


def generation(
    name: str, *, prompt: str | None = None, node: str = "hero", price: Usd | None = FAST, take: int | None = None
) -> Job:
    """Its fingerprint depends on the prompt, which is the name unless given."""
    prompt = name if prompt is None else prompt
    suffix = "" if take is None else f"/t{take}"
    return Job(
        key=JobKey(f"{node}/{name}{suffix}"),
        fingerprint=Fingerprint(f"{node}-{prompt}"),
        node=node,
        kind=Kind.GENERATE,
        request={"mode": "text-to-image", "prompt": prompt, "speed": "fast"},
        price=price,
        paths=tuple(f"{node}/{name}{suffix.replace('/', '-')}-{number}.{EXTENSION}" for number in range(4)),
        row={"sku": name},
        take=take,
    )


def generations(count: int) -> list[Job]:
    """Named `000`, `001`, ..., each for $0.20."""
    return [generation(f"{number:03}") for number in range(count)]


def follow_up(source: Job, number: int | None, *, mode: str = "upscale", price: Usd | None = FAST) -> Job:
    """A job of the node that is named as its mode, on one image of `source` (None: on the whole task)."""
    images = 1 if mode in ("upscale", "enhance") else 4
    request: JsonObject = {"mode": mode} if number is None else {"mode": mode, "imageIndex": number}
    key = source.key.replace(source.node, mode, 1) + ("" if number is None else f"/{number}")
    return Job(
        key=JobKey(key),
        fingerprint=Fingerprint(f"{mode}-{source.fingerprint}-{number}"),
        node=mode,
        kind=Kind(mode),
        request=request,
        price=price,
        paths=tuple(f"{key.replace('/', '-')}-{image}.{EXTENSION}" for image in range(images)),
        row=source.row,
        source=Source(key=source.key, fingerprint=source.fingerprint, number=number),
        depth=source.depth + 1,
    )


def renamed(job: Job, key: str) -> Job:
    return job._replace(key=JobKey(key))


def adopt(ledger: Ledger, *jobs: Job) -> dict[str, Standing]:
    """Standings by key, in the order in which they were given."""
    return {job.key: standing for job, standing in adopted(ledger, jobs)}


def adopted(ledger: Ledger, jobs: Iterable[Job]) -> list[tuple[Job, Standing]]:
    with ledger.adopting() as adoption:
        return [*adoption.take(jobs), *adoption.finish().late]


def standings(ledger: Reader, jobs: Iterable[Job]) -> dict[str, Standing]:
    """What `adopt` would give."""
    adoption = ledger.standings()
    return {job.key: standing for job, standing in [*adoption.take(jobs), *adoption.finish().late]}


def states(ledger: Ledger, jobs: Iterable[Job]) -> list[JobState]:
    """Where the jobs stand, in the order of the plan; nothing is changed by asking twice for the same plan."""
    standing = adopt(ledger, *jobs)
    return [standing[job.key].state for job in jobs]


def body(job: ReadyJob) -> bytes:
    """As a run makes it."""
    request = dict(job.request) if job.rerolls is None else {"mode": "reroll"}
    task = job.source_task if job.rerolls is None else job.rerolls
    return json.dumps({"input": request if task is None else {**request, "taskId": task}}).encode()


def intend(
    ledger: Ledger,
    *,
    limit: int = 100,
    budget: Usd | None = None,
    cap: Usd | None = None,
    now: float = 0.0,
    unpriced: int = 0,
    stopped: Sequence[str] = (),
) -> Intents:
    """`unpriced` goes with `cap`."""
    agreed = None if cap is None else Cap(usd=cap, unpriced=unpriced)
    return ledger.submissions.intend(
        limit=limit, budget=budget, cap=agreed, now=now, elapsed=now, body=body, stopped=stopped
    )


def submit(ledger: Ledger, *, now: float = 0.0) -> list[InFlight]:
    """Intends all that is ready and has it accepted; a task is named after its attempt."""
    return [accept(ledger, intent, now=now) for intent in intend(ledger, now=now).intents]


def accept(ledger: Ledger, intent: Intent, *, now: float = 0.0) -> InFlight:
    task = ledger.submissions.record_task(intent, TaskId(f"task_{intent.attempt}"), host=HOST, speed_up=1.0, now=now)
    assert task is not None
    return task


def succeed(ledger: Ledger, task: InFlight, *, images: int = 4, actions: str | None = None) -> None:
    urls = [f"https://images.test/{task.task}/{number}" for number in range(images)]
    ledger.results.record_success(task, urls=urls, actions=actions, created=None, completed=None, now=1.0)


def fetch(ledger: Ledger, task: InFlight) -> None:
    """All images of the task come to disk, as far as the ledger is concerned."""
    wanted = ledger.images.to_fetch_of(task.attempt)
    stored = [
        Stored(number=image.number, path=f"{task.key}-{image.number}.png", sha256=f"{task.task}", size=1)
        for image in wanted.images
    ]
    ledger.files.record_fetched(task.job, task.attempt, stored, 2.0)


def make(ledger: Ledger, *, images: int = 4) -> list[InFlight]:
    """Everything that is ready is submitted, succeeds and is fetched; followers are released."""
    tasks = submit(ledger)
    for task in tasks:
        succeed(ledger, task, images=images)
        fetch(ledger, task)
        for follower in ledger.follow_ups.waiting_for(task.job):
            ledger.follow_ups.release(follower.job, Verdict(state=JobState.READY))
    return tasks


def decline(ledger: Ledger, intent: Intent, state: JobState, money: Money, *, now: float = 0.0) -> None:
    ledger.submissions.record_no_task(
        intent,
        outcome=Answered.NOT_ACCEPTED,
        evidence="seen",
        money=money,
        verdict=Verdict(state=state, reason="said", code="504", counts_as_failure=money is Money.AT_RISK),
        now=now,
    )
