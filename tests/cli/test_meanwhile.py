"""Files that change while a run goes on: the run is of what it read."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.in_process import at, sandbox
from tests.cli.program import Mjpipe, SandboxServer

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {csv: birds.csv, key: sku}}
limits: {requests_per_second: 4, concurrency: 1}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
  final: {kind: upscale, from: hero, images: pick, params: {type: 0}}
"""
SLOW_CRANE = {"at": "task", "do": "slow", "prompt": "a crane", "factor": 600}
"""Long enough for a run to look at the picks again."""

TABLE = "sku,name\nA,heron\nB,duck\nC,crane\n"
QUICK = TABLE.replace("crane", "swan")
EDITED = "sku,name\nA,HERON\nB,DUCK\nC,CRANE\nD,SWAN\n"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    with sandbox(tmp_path / "service", rules=[SLOW_CRANE]) as running:
        yield running


def prompts(server: SandboxServer) -> list[object]:
    return [task["request"].get("prompt", task["mode"]) for task in server.tasks()]  # type: ignore[attr-defined]  # JSON


def until(happened: Callable[[], object]) -> None:
    deadline = time.monotonic() + 300
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def test_a_table_and_a_manifest_edited_during_a_run_are_not_mixed_with_what_it_read(
    tmp_path: Path, server: SandboxServer
) -> None:
    """Not even when picks make the run take over its plan again."""
    mjpipe = at(server)
    manifest, table = tmp_path / "campaign.yaml", tmp_path / "birds.csv"
    manifest.write_text(BIRDS)
    table.write_text(TABLE)
    run = Mjpipe(tmp_path, mjpipe.environment).start("run", manifest.name, "--yes")
    until(server.tasks)
    table.write_text(EDITED)
    manifest.write_text(BIRDS.replace("a {{ name }}", "the {{ name }}"))
    (tmp_path / "picks.csv").write_text("key,decision,images\nhero/A,pick,1\n")
    said, _ = run.communicate(timeout=60)
    assert "picks have changed" in said
    assert sorted(map(str, prompts(server))) == ["a crane", "a duck", "a heron", "upscale"]
    plan = mjpipe.plan(manifest)
    assert (plan["jobs"]["to_submit"], plan["jobs"]["done"]) == (4, 0)
    manifest.write_text(BIRDS)
    table.write_text(TABLE)
    plan = mjpipe.plan(manifest)
    assert (plan["jobs"]["to_submit"], plan["jobs"]["done"]) == (0, 4)


def test_a_table_that_is_taken_away_during_a_run_does_not_stop_it(tmp_path: Path, server: SandboxServer) -> None:
    (tmp_path / "campaign.yaml").write_text(BIRDS)
    (tmp_path / "birds.csv").write_text(QUICK)
    run = Mjpipe(tmp_path, at(server).environment).start("run", "campaign.yaml", "--yes")
    until(server.tasks)
    (tmp_path / "birds.csv").unlink()
    (tmp_path / "campaign.yaml").unlink()
    said, _ = run.communicate(timeout=60)
    assert run.returncode == 5, said
    assert len(server.tasks()) == 3
    lines = (tmp_path / "out" / "birds" / "assets.jsonl").read_text().splitlines()
    assert sorted({json.loads(line)["key"] for line in lines}) == ["hero/A", "hero/B", "hero/C"]


def test_pictures_that_a_person_takes_away_during_a_run_are_fetched_by_the_next(
    tmp_path: Path, server: SandboxServer
) -> None:
    (tmp_path / "campaign.yaml").write_text(BIRDS)
    (tmp_path / "birds.csv").write_text(QUICK)
    run = Mjpipe(tmp_path, at(server).environment).start("run", "campaign.yaml", "--yes")
    picture = tmp_path / "out" / "birds" / "hero" / "A-0.png"
    until(picture.exists)
    until(lambda: len(server.tasks()) == 2)
    content = picture.read_bytes()
    picture.unlink()
    said, _ = run.communicate(timeout=60)
    assert run.returncode == 5, said
    at(server)("run", tmp_path / "campaign.yaml", code=5)
    assert (picture.read_bytes(), len(server.tasks())) == (content, 3)
