"""A run that is killed at any moment, again and again: nothing is paid twice, nothing paid is lost."""

import json
import random
from collections import Counter
from decimal import Decimal

import httpx

from mjpipe.domain import Job, JobState, usd
from mjpipe.sandbox import Settings, start_sandbox
from tests.cli.program import SandboxServer, wait_for_tasks
from tests.ledger.child import child
from tests.ledger.jobs import follow_up, generation
from tests.run.campaign import Campaign, ends

KILLS = 5
RUNS = """
import asyncio, sys, time
from dataclasses import replace
from pathlib import Path
from mjpipe.ledger import Ledger
from tests.run.campaign import Campaign, QuickClock
from tests.run.service import Service
from tests.run.test_killed import plan
folder, base_url = Path(sys.argv[1]), sys.argv[2]
clock = QuickClock()
campaign = Campaign(
    folder=folder, ledger=Ledger.open(folder / "state" / "ledger.sqlite"), service=Service(clock), clock=clock
)
print("begins", flush=True)
campaign.run_against(base_url, *plan())
"""


def plan() -> list[Job]:
    sources = [generation(f"{number:02}") for number in range(8)]
    return [job for source in sources for job in (source, follow_up(source, 1, price=usd("0.30")))]


def test_a_run_that_is_killed_again_and_again_pays_for_nothing_twice_and_loses_nothing(campaign: Campaign) -> None:
    chance = random.Random(7)
    with start_sandbox(Settings(state=campaign.folder / "sandbox", speed_up=200, pixels=64)) as sandbox:
        for _ in range(KILLS):
            with child(RUNS, campaign.folder, sandbox.base_url) as process:
                wait_for_tasks(SandboxServer(sandbox.base_url), chance.randint(0, 5), process)
        ending = campaign.run_against(sandbox.base_url, *plan())
        bill = httpx.get(f"{sandbox.origin}/sandbox/bill").json()
    ended = ends(ending)
    assert set(ended) <= {JobState.DONE, JobState.IN_DOUBT, JobState.WAITING}
    assert sum(ended.values()) == len(plan())
    billed = Counter(json.dumps(task["request"], sort_keys=True) for task in bill["tasks"])
    assert set(billed.values()) == {1}
    on_record = {attempt.task for record in campaign.records() for attempt in record.attempts if attempt.task}
    lost = {task["taskId"] for task in bill["tasks"]} - on_record
    assert len(lost) <= ended[JobState.IN_DOUBT]
    assert ending.balance.spent <= Decimal(bill["total_usd"]) <= ending.balance.committed
    assert campaign.files_are_as_recorded()
    assert not list(campaign.outputs.rglob("*.part"))
