"""A service at its worst: whatever it does, each job ends done, failed for a stated reason, or in doubt on record."""

import asyncio
import random
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from PIL import Image

from mjpipe.apixo.http import Client, ImageHosts, Timeouts
from mjpipe.domain import Job, JobState, Money
from mjpipe.ledger import Ledger, Records
from mjpipe.manifest import load_manifest
from mjpipe.plan import expand
from mjpipe.pricing import load_prices
from mjpipe.run import Ending, RunSettings, Tally, begin_work
from mjpipe.run.engine import Engine
from mjpipe.sandbox import Settings as SandboxSettings
from mjpipe.sandbox import start_sandbox
from tests.ledger.jobs import adopt

MANIFEST = """
mjpipe: 1
campaign: storm
inputs:
  things: {matrix: {thing: [TEAPOTS]}}
polling: {first_after: 0.05, interval: 0.05}
limits: {concurrency: 8, requests_per_second: 400, max_attempts: 6, task_timeout: 4}
nodes:
  hero: {kind: generate, for_each: [things], params: {prompt: "a {{ thing }} teapot"}}
  warm: {kind: vary, from: hero, images: [0], params: {type: 1}}
  final: {kind: upscale, from: [hero, warm], images: [1]}
""".replace("TEAPOTS", ", ".join(f"number{n}" for n in range(16)))

FAULTS = """
faults: 1
seed: 4
rules:
  - {at: submit, do: answer, status: 429, retry_after: 0.2, nth: "5-9"}
  - {at: submit, do: answer, status: 500, chance: 0.04}
  - {at: submit, do: answer, status: 502, chance: 0.04}
  - {at: submit, do: answer, status: 503, chance: 0.04}
  - {at: submit, do: answer, status: 504, accepted: true, chance: 0.03}
  - {at: submit, do: html, status: 502, chance: 0.03}
  - {at: submit, do: envelope, code: 500, chance: 0.03}
  - {at: submit, do: broken_json, nth: 14}
  - {at: submit, do: cut, nth: 21}
  - {at: submit, do: hang, nth: 30}
  - {at: submit, do: refuse, nth: 36, seconds: 0.3}
  - {at: status, do: answer, status: 500, chance: 0.05}
  - {at: status, do: answer, status: 404, chance: 0.05}
  - {at: status, do: html, chance: 0.05}
  - {at: status, do: broken_json, chance: 0.05}
  - {at: status, do: cut, chance: 0.05}
  - {at: status, do: unknown_state, chance: 0.05}
  - {at: task, do: fail, code: Task TimeOut, chance: 0.06}
  - {at: task, do: fail, code: SensitiveContentDetected, nth: 6}
  - {at: task, do: fail, code: PromptInvalid, nth: 17}
  - {at: task, do: fewer_images, images: 1, nth: 3}
  - {at: task, do: no_result, nth: 9}
  - {at: task, do: slow, nth: 12, factor: 100000}
  - {at: image, do: answer, status: 404, each: 1, chance: 0.1}
  - {at: image, do: truncated, each: 1, chance: 0.1}
  - {at: image, do: html, each: 1, chance: 0.1}
  - {at: image, do: wrong_type, each: 1, chance: 0.1}
  - {at: image, do: huge, bytes: 2000000, each: 1, chance: 0.05}
  - {at: image, do: expired, each: 1, chance: 0.1}
  - {at: image, do: cut, each: 1, chance: 0.05}
"""


class Silent:
    def show(self, tally: Tally) -> None:
        pass

    def note(self, text: str) -> None:
        pass


def run_once(folder: Path, base_url: str) -> Ending:
    manifest = load_manifest(folder / "campaign.yaml").manifest
    assert manifest is not None
    outputs = folder / "out"
    settings = RunSettings(
        limits=manifest.limits,
        home=folder,
        outputs=outputs,
        workshop=outputs / ".mjpipe" / "storm",
        held=folder / "held",
        host="sandbox",
        polling=manifest.polling,
    )

    async def carry_out(ledger: Ledger) -> Ending:
        timeouts = Timeouts(connect=2, submit=1, ask=1)
        async with Client(base_url=base_url, api_key="key", timeouts=timeouts) as client, ImageHosts() as images:
            engine = Engine(
                ledger=ledger,
                service=client,
                images=images,
                settings=settings,
                progress=Silent(),
                clock=time.time,
                timer=time.monotonic,
                random=random.Random(1).random,
                sleep=lambda seconds: asyncio.sleep(seconds / 20),
            )
            with begin_work(ledger, settings, Silent(), now=time.time()) as work:
                return await engine.run(work)

    with closing(Ledger.open(folder / "ledger.sqlite")) as ledger:
        jobs: list[Job] = []
        expand(manifest, load_prices(), jobs.extend)
        assert len(adopt(ledger, *jobs)) == 64
        return asyncio.run(carry_out(ledger))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # connections that the sandbox cut
def test_every_job_ends_done_or_failed_for_a_reason_or_in_doubt_and_none_is_paid_twice(tmp_path: Path) -> None:
    (tmp_path / "campaign.yaml").write_text(MANIFEST)
    (tmp_path / "faults.yaml").write_text(FAULTS)
    storm = SandboxSettings(state=tmp_path / "sandbox", speed_up=500, faults=tmp_path / "faults.yaml", pixels=64)
    with start_sandbox(storm) as sandbox:
        for _ in range(6):
            ending = run_once(tmp_path, sandbox.base_url)
            if not ending.late and not ending.incomplete and not ending.ready:
                break
        bill = httpx.get(f"{sandbox.origin}/sandbox/bill").json()["tasks"]

    with closing(Records.open(tmp_path / "ledger.sqlite")) as records:
        jobs = list(records.jobs())
    by_state = Counter(job.state for job in jobs)
    settled = {
        JobState.DONE,
        JobState.FAILED,
        JobState.IN_DOUBT,
        JobState.SKIPPED,
        JobState.WAITING,
        JobState.SUBMITTED,
    }
    assert set(by_state) <= settled, by_state
    assert by_state[JobState.DONE] > 30, by_state
    unfinished = {job.key: job.state for job in jobs if job.state is not JobState.DONE}
    for job in jobs:
        if job.state in (JobState.FAILED, JobState.IN_DOUBT, JobState.SKIPPED):
            assert job.reason, job
        if job.state is JobState.WAITING:
            assert job.source in unfinished, job
        if job.state is JobState.DONE:
            for image in job.images:
                with Image.open(tmp_path / "out" / str(image.path)) as picture:
                    picture.load()

    # What the sandbox billed and the ledger does not know as a task, the ledger holds as at risk.
    known = {attempt.task for job in jobs for attempt in job.attempts if attempt.task}
    unknown_to_us = [task for task in bill if task["taskId"] not in known]
    doubts = [
        attempt for job in jobs for attempt in job.attempts if attempt.money is Money.AT_RISK and attempt.task is None
    ]
    assert len(unknown_to_us) <= len(doubts)
    spent = [attempt for job in jobs for attempt in job.attempts if attempt.money is Money.SPENT]
    assert len(spent) == len({attempt.task for attempt in spent})
    assert (
        max(Counter(job.key for job in jobs for attempt in job.attempts if attempt.money is Money.SPENT).values()) == 1
    )
