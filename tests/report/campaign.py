"""A campaign that has gone some way: a real ledger, driven as a run drives it."""

import json
from collections.abc import Mapping

from mjpipe.contract import Mode
from mjpipe.domain import (
    SOURCE_URL,
    Answered,
    Fingerprint,
    Job,
    JobKey,
    JobState,
    JsonObject,
    Kind,
    Money,
    Source,
    TaskId,
    Usd,
    usd,
)
from mjpipe.ledger import ImageFacts, InFlight, Intent, Ledger, ReadyJob, Records, Stored, Verdict
from mjpipe.report import ReportedCampaign
from tests.ledger.jobs import adopt

TEAPOTS = ReportedCampaign(name="teapots", sandbox=False, price_source="the page", price_date="2026-11-22")

START = 1_795_381_200.0
"""2026-11-22T21:00:00Z"""


PIXELS = ImageFacts(width=1024, height=768, media_type="image/png")

PICK = (("final", usd("0.30")),) * 4
"""What picking every image of a generation would bring."""


def job(
    key: str,
    *,
    kind: Kind = Kind.GENERATE,
    price: str | None = "0.20",
    request: JsonObject | None = None,
    row: Mapping[str, str] | None = None,
    labels: Mapping[str, str] | None = None,
    source: tuple[str, int | None] | None = None,
    take: int | None = None,
    lead: str = "",
    possible_jobs: tuple[tuple[str, Usd | None], ...] = (),
) -> Job:
    return Job(
        key=JobKey(key),
        fingerprint=_fingerprint(key),
        node=key.partition("/")[0],
        kind=kind,
        request=request or {"mode": "text-to-image", "prompt": f"a teapot, {key}", "speed": "fast"},
        price=None if price is None else usd(price),
        paths=tuple(f"{key}-{number}.\x1a" for number in range(4)),
        row=row or {},
        labels=labels or {},
        source=None
        if source is None
        else Source(key=JobKey(source[0]), fingerprint=_fingerprint(source[0]), number=source[1]),
        take=take,
        lead=lead,
        depth=0 if source is None else 1,
        possible_jobs=possible_jobs,
    )


def _fingerprint(key: str) -> Fingerprint:
    return Fingerprint(key.encode().hex())


class Campaign:
    """`now` moves on by a second with each thing that happens."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.records = Records(ledger.connection)
        self.now = START
        self.planned: tuple[Job, ...] = ()

    def plan(self, *jobs: Job) -> None:
        self.planned = jobs
        adopt(self.ledger, *jobs)

    def intend(self, limit: int = 1000) -> dict[str, Intent]:
        """The first ready jobs, by their keys."""
        batch = self.ledger.submissions.intend(
            limit=limit, budget=None, cap=None, now=self._tick(), elapsed=0.0, body=_body
        )
        return {intent.key: intent for intent in batch.intents}

    def accept(self, intent: Intent) -> InFlight:
        task = TaskId(f"task_{intent.attempt:04}")
        accepted = self.ledger.submissions.record_task(
            intent, task, host="sandbox.example", speed_up=1.0, now=self._tick()
        )
        assert accepted is not None
        return accepted

    def succeed(self, task: InFlight, images: int = 4) -> None:
        self.ledger.results.record_success(
            task,
            urls=[f"https://files.example/{task.task}/{number}.png" for number in range(images)],
            actions=None,
            created=task.accepted + 0.25,
            completed=task.accepted + 40.5,
            now=self._tick(),
        )

    def fetch(self, task: InFlight, images: int = 4, reason: str | None = None) -> None:
        stored = [
            Stored(
                number=number,
                path=f"{task.key}-{number}.png",
                sha256=f"{number:064x}",
                size=1000 + number,
                facts=PIXELS,
            )
            for number in range(images)
        ]
        self.ledger.files.record_fetched(task.job, task.attempt, stored, self._tick(), reason)

    def finish(self, intent: Intent, images: int = 4) -> None:
        task = self.accept(intent)
        self.succeed(task, images)
        self.fetch(task, images)

    def find_extra(self, attempt: int, images: int) -> None:
        """A submission that was taken for lost turns out to have been a task, which was paid for beside the result."""
        execute = self.ledger.connection.execute
        execute("UPDATE attempts SET money = 'spent', task = ? WHERE id = ?", (f"task_{attempt:04}", attempt))
        for number in range(images):
            path = f".orphans/extra-{attempt}-{number}.png"
            execute(
                "INSERT INTO images (attempt, number, url, path, sha256, size, fetched) VALUES (?, ?, ?, ?, ?, ?, ?)",
                (attempt, number, "https://files.example/x.png", path, f"{number:064x}", 10, self._tick()),
            )

    def release_followers(self) -> None:
        """Lets the jobs go ahead whose sources have succeeded."""
        for source in self.ledger.follow_ups.sources_waited_for():
            for follower in self.ledger.follow_ups.waiting_for(source):
                self.ledger.follow_ups.release(follower.job, Verdict(state=JobState.READY))

    def fail(self, intent: Intent, code: str, message: str, reason: str, state: JobState = JobState.FAILED) -> None:
        """The service took the task and gave it up."""
        self.ledger.results.record_failure(
            self.accept(intent),
            fail_code=code,
            message=message,
            money=Money.AT_RISK,
            verdict=Verdict(state=state, reason=reason, code=code, counts_as_failure=True),
            now=self._tick(),
        )

    def turn_away(
        self,
        intent: Intent,
        *,
        outcome: Answered,
        money: Money,
        state: JobState,
        reason: str | None = None,
        code: str | None = None,
    ) -> None:
        """No taskId came."""
        self.ledger.submissions.record_no_task(
            intent,
            outcome=outcome,
            evidence=f"HTTP {code}",
            money=money,
            verdict=Verdict(state=state, reason=reason, code=code),
            now=self._tick(),
        )

    def _tick(self) -> float:
        self.now += 1
        return self.now


def _body(ready: ReadyJob) -> bytes:
    request = dict(ready.request)
    if not Mode(str(request["mode"])).facts.sent_by_url:
        request["taskId"] = ready.source_task
    text = json.dumps({"request_type": "async", "input": request})
    return text.replace(json.dumps(SOURCE_URL)[1:-1], ready.source_url or "").encode()


def teapots(campaign: Campaign) -> float:
    """Two runs of a campaign that met a bit of everything; gives when the second one began."""
    first = [
        job("hero/T-01", row={"sku": "T-01", "style": "studio"}, labels={"season": "spring"}),
        job("hero/T-02", row={"sku": "T-02", "style": "studio"}, labels={"season": "spring"}),
        job("hero/OLD", row={"sku": "OLD", "style": "studio"}),
    ]
    campaign.plan(*first)
    for intent in campaign.intend().values():
        campaign.finish(intent)
    since = campaign.now = campaign.now + 3600
    upscale: JsonObject = {"mode": "upscale", "imageIndex": 2, "type": 0}
    enhance: JsonObject = {"mode": "enhance", "imageIndex": 0}
    campaign.plan(
        first[0],
        job("final/T-01/2", kind=Kind.UPSCALE, price="0.30", request=upscale, source=("hero/T-01", 2)),
        first[1],
        job(
            "final/T-02/?",
            kind=Kind.UPSCALE,
            price=None,
            request={"mode": "upscale"},
            source=("hero/T-02", None),
            possible_jobs=PICK,
        ),
        job("hero/T-03", row={"sku": "T-03", "style": "lifestyle"}),
        job("extra/T-03", kind=Kind.ENHANCE, price=None, request=enhance, source=("hero/T-03", 0)),
        job("hero/T-04", row={"sku": "T-04", "style": "lifestyle"}),
        job("hero/T-05", row={"sku": "T-05", "style": "lifestyle"}),
        job("hero/T-06", row={"sku": "T-06", "style": "lifestyle"}),
    )
    intents = campaign.intend()
    campaign.finish(intents["hero/T-03"])
    campaign.fail(intents["hero/T-04"], "PromptInvalid", "no", "the provider rejected the prompt: no")
    campaign.turn_away(
        intents["hero/T-05"],
        outcome=Answered.UNKNOWN,
        money=Money.AT_RISK,
        state=JobState.IN_DOUBT,
        reason="no whole answer came from `https://api.example`: ReadTimeout",
        code="ReadTimeout",
    )
    campaign.accept(intents["hero/T-06"])
    return since
