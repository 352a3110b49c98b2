"""A gateway stopped waiting, the job was sent again, and then the first task turns up: paid, and beside the result."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.program import Mjpipe, SandboxServer, sandbox_of

MANIFEST = """
mjpipe: 1
campaign: teapots
limits: {requests_per_second: 500}
nodes:
  hero: {kind: generate, params: {prompt: a teapot}}
  large: {kind: upscale, from: hero, images: [1]}
"""
FAULTS = """
faults: 1
rules:
- {at: submit, do: answer, status: 504, accepted: true, nth: 1, mode: text-to-image}
"""


@pytest.fixture
def faulty(mjpipe: Mjpipe) -> Iterator[SandboxServer]:
    """A sandbox that takes the first submission and answers it with 504."""
    (mjpipe.folder / "faults.yaml").write_text(FAULTS)
    with sandbox_of(mjpipe, "--faults", "faults.yaml") as server:
        yield server


@pytest.fixture
def paying(mjpipe: Mjpipe, faulty: SandboxServer) -> Mjpipe:
    (mjpipe.folder / "campaign.yaml").write_text(MANIFEST)
    return mjpipe.pointed_at(faulty)


def document(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text())
    return found


def test_the_first_task_is_adopted_fetched_and_listed_as_an_extra(paying: Mjpipe, faulty: SandboxServer) -> None:
    paying("run", "campaign.yaml", "--budget", "5")
    out = paying.folder / "out" / "teapots"
    costs = document(out / "report" / "costs.json")
    assert (costs["totals"]["spent"], costs["totals"]["at_risk"], faulty.total_usd()) == ("0.50", "0.20", "0.70")
    before = {path: path.read_bytes() for path in out.rglob("*.png")}
    first = str(faulty.tasks()[0]["taskId"])

    said = paying("resolve", "campaign.yaml", "hero", "--task-id", first)
    assert said.stderr == "adopted an extra of hero\nnext: run the campaign\nmjpipe run campaign.yaml\n"
    assert json.loads(paying("plan", "campaign.yaml", "--json").stdout)["jobs"]["done"] == 2
    assert ", an extra" in paying("show", "campaign.yaml", "hero").stdout
    paying("run", "campaign.yaml", "--yes")

    assert len(faulty.tasks()) == 3
    costs = document(out / "report" / "costs.json")
    assert [costs["totals"][name] for name in ("spent", "at_risk", "reserved")] == [faulty.total_usd(), "0.00", "0.00"]
    assert (costs["extras"]["tasks"], costs["extras"]["spent"]) == (1, "0.20")
    assets = [json.loads(line) for line in (out / "assets.jsonl").read_text().splitlines()]
    extras = {asset["path"] for asset in assets if asset["extra"]}
    assert {asset["taskId"] for asset in assets if asset["extra"]} == {first}
    assert extras == {f".orphans/hero-{number}.1.png" for number in range(4)}
    assert {path: path.read_bytes() for path in before} == before
    assert {out / asset["path"] for asset in assets} == set(out.rglob("*.png"))
    again = paying("resolve", "campaign.yaml", "hero", "--task-id", "task_other", code=2)
    assert "`hero` is not in doubt, and no attempt of it is at risk without a task" in again.stderr


def test_the_first_task_is_the_jobs_own_while_there_is_no_other(paying: Mjpipe, faulty: SandboxServer) -> None:
    (paying.folder / "campaign.yaml").write_text(MANIFEST.replace("{requests", "{max_attempts: 1, requests"))
    paying("run", "campaign.yaml", "--yes", code=1)
    (first,) = faulty.tasks()
    said = paying("resolve", "campaign.yaml", "hero", "--task-id", str(first["taskId"]))
    assert said.stderr == "adopted hero\nnext: run the campaign\nmjpipe run campaign.yaml\n"
    paying("run", "campaign.yaml", "--yes")
    assert [task["mode"] for task in faulty.tasks()] == ["text-to-image", "upscale"]
    costs = document(paying.folder / "out" / "teapots" / "report" / "costs.json")
    totals = costs["totals"]
    assert (totals["spent"], totals["at_risk"], costs["extras"]["tasks"]) == (faulty.total_usd(), "0.00", 0)
