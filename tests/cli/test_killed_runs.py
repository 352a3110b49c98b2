"""A run that is killed again and again pays for nothing twice and loses nothing."""

import json
import random
import sqlite3
import time
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.program import EXAMPLES, Mjpipe, SandboxServer, wait_for_tasks

HUNDRED_CHAINS = """
mjpipe: 1
campaign: campaign
inputs:
  things: {csv: products.csv, key: sku}
limits: {concurrency: 8, requests_per_second: 60}
nodes:
  hero: {kind: generate, for_each: [things], params: {prompt: "a {{ name }}"}}
  final: {kind: upscale, from: hero, images: [1]}
"""


def quickstart(folder: Path) -> None:
    """30 jobs in chains of up to three; slow enough to be killed in the midst of it."""
    (folder / "products.csv").write_text((EXAMPLES / "products.csv").read_text())
    text = (EXAMPLES / "quickstart.yaml").read_text().replace("campaign: quickstart", "campaign: campaign")
    text = text.replace("limits:\n", "limits:\n  requests_per_second: 40\n")
    (folder / "campaign.yaml").write_text(text)


def hundred_chains(folder: Path) -> None:
    """200 jobs."""
    rows = "".join(f"T-{n:03},teapot number {n}\n" for n in range(100))
    (folder / "products.csv").write_text(f"sku,name\n{rows}")
    (folder / "campaign.yaml").write_text(HUNDRED_CHAINS)


def jobs_by_state(ledger: Path) -> Counter[str]:
    with closing(sqlite3.connect(ledger)) as connection:
        return Counter(dict(connection.execute("SELECT state, count(*) FROM jobs WHERE wanted GROUP BY state")))


@pytest.mark.parametrize(
    ("campaign", "jobs", "kills"),
    [(quickstart, 30, 6), pytest.param(hundred_chains, 200, 50, marks=pytest.mark.crash)],
)
def test_every_job_ends_done_or_in_doubt_and_none_is_billed_twice(
    paying: Mjpipe, sandbox_server: SandboxServer, campaign: object, jobs: int, kills: int
) -> None:
    assert callable(campaign)
    campaign(paying.folder)
    chance = random.Random(7)
    for _ in range(kills):
        process = paying.start("run", "campaign.yaml", "--yes")
        wait_for_tasks(sandbox_server, chance.randint(0, 6), process)
        time.sleep(chance.uniform(0, 0.3))  # on its way to the ledger, or its images to the disk
        process.kill()
        process.communicate()
    last = paying("run", "campaign.yaml", "--yes", code=None)

    ended = jobs_by_state(paying.folder / ".mjpipe" / "campaign" / "ledger.sqlite")
    # What follows from a job in doubt waits for a person's word, as that job does.
    assert sum(ended[state] for state in ("done", "in_doubt", "waiting")) == jobs, (ended, last.stderr)
    assert (ended["waiting"] > 0) <= (ended["in_doubt"] > 0)
    assert last.returncode == (6 if ended["in_doubt"] else 0)

    billed = Counter(json.dumps(task["request"], sort_keys=True) for task in sandbox_server.tasks())
    assert set(billed.values()) == {1}
    assert ended["done"] <= len(billed) <= ended["done"] + ended["in_doubt"]

    outputs = paying.folder / "out" / "campaign"
    for line in (outputs / "assets.jsonl").read_text().splitlines():
        with Image.open(outputs / json.loads(line)["path"]) as image:
            image.load()
    assert not list(outputs.rglob("*.part"))
