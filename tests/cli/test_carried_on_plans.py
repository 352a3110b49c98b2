"""A saved plan still fits while it is being carried out: its runs together do that plan, and never more."""

import json
import random
import signal
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import Mjpipe, SandboxServer, wait_for_tasks

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}, {name: crane}, {name: swan}], key: name}}
limits: {requests_per_second: 1000, concurrency: 2}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
  final: {kind: upscale, from: hero, images: [0], params: {type: 0}}
"""
HUNDRED = """
mjpipe: 1
campaign: birds
inputs: {birds: {matrix: {nr: NUMBERS}}}
limits: {requests_per_second: 100, concurrency: 8}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "heron number {{ nr }}"}}
  final: {kind: upscale, from: hero, images: [0], params: {type: 0}}
"""
SINCE = "error: the saved plan no longer fits: the campaign has been run since this plan was saved\n"


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    (tmp_path / "campaign.yaml").write_text(BIRDS)
    return tmp_path / "campaign.yaml"


def saved(mjpipe: InProcess, birds: Path, name: str = "plan.json") -> Path:
    mjpipe("plan", birds, "--out", birds.with_name(name))
    return birds.with_name(name)


def begun(server: SandboxServer, birds: Path, plan: Path, tasks: int) -> None:
    """Carries out the plan until so many tasks more were accepted, and is killed then."""
    process = Mjpipe(birds.parent, at(server).environment).start("run", birds.name, "--plan", plan.name)
    try:
        wait_for_tasks(server, tasks, process)
    finally:
        process.kill()
        process.communicate()


def requests(server: SandboxServer) -> Counter[str]:
    return Counter(json.dumps(task["request"], sort_keys=True) for task in server.tasks())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    """Its tasks take a while, so that a run can be killed among them."""
    with sandbox(tmp_path / "service") as running:
        yield running


def test_a_plan_is_carried_on_where_a_killed_run_of_it_stopped(birds: Path, server: SandboxServer) -> None:
    mjpipe = at(server)
    plan = saved(mjpipe, birds)
    begun(server, birds, plan, 3)
    assert "no longer fits" not in mjpipe("run", birds, "--plan", plan, "--dry-run").err
    ended = mjpipe("run", birds, "--plan", plan, code=None)
    assert ended.code in (0, 6), ended  # 6 if it was killed while a job was being submitted
    assert set(requests(server).values()) == {1}
    assert Decimal(server.total_usd()) <= Decimal("2.00")
    if ended.code == 0:
        assert len(server.tasks()) == 8
        again = mjpipe("run", birds, "--plan", plan)
        assert "Plan: nothing to do, 8 done" in again.err


def test_the_next_command_after_an_interrupted_run_of_a_plan_carries_it_on(birds: Path, server: SandboxServer) -> None:
    mjpipe = at(server)
    plan = saved(mjpipe, birds)
    process = Mjpipe(birds.parent, mjpipe.environment).start("run", birds.name, "--plan", plan.name)
    try:
        wait_for_tasks(server, 1, process)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=120)
    finally:
        process.kill()
        process.wait()
    assert said.splitlines()[-2:] == ["next: continue", "mjpipe run campaign.yaml --plan plan.json"], said


def test_what_others_run_meanwhile_ends_a_plan(birds: Path, server: SandboxServer) -> None:
    mjpipe = at(server)
    plan = saved(mjpipe, birds)
    mjpipe("run", birds, "--plan", plan, "--select", "name=heron")
    mjpipe("run", birds, "--yes", "--select", "name=duck")
    assert SINCE in mjpipe("run", birds, "--plan", plan, code=2).err
    assert len(server.tasks()) == 4
    plan = saved(mjpipe, birds)
    mjpipe("run", birds, "--plan", plan)
    assert len(server.tasks()) == 8


def test_a_plan_that_was_begun_gives_way_to_one_that_was_saved_later(birds: Path, server: SandboxServer) -> None:
    mjpipe = at(server)
    first = saved(mjpipe, birds)
    mjpipe("run", birds, "--plan", first, "--select", "name=heron")
    second = saved(mjpipe, birds, "second.json")
    mjpipe("run", birds, "--plan", second, "--select", "name=duck")
    assert SINCE in mjpipe("run", birds, "--plan", first, code=2).err
    mjpipe("run", birds, "--plan", second)
    assert len(server.tasks()) == 8


def test_a_run_that_had_nothing_to_submit_leaves_a_plan_as_it_was(birds: Path, server: SandboxServer) -> None:
    mjpipe = at(server)
    plan = saved(mjpipe, birds)
    mjpipe("run", birds, "--plan", plan, "--select", "name=heron")
    mjpipe("run", birds, "--yes", "--select", "name=heron")
    mjpipe("run", birds, "--plan", plan)
    assert len(server.tasks()) == 8


@pytest.mark.parametrize(
    "change", [("concurrency: 2", "concurrency: 3"), ("a {{ name }}", "one {{ name }}")], ids=["a limit", "a prompt"]
)
def test_a_plan_that_was_begun_no_longer_fits_another_manifest(
    birds: Path, server: SandboxServer, change: tuple[str, str]
) -> None:
    mjpipe = at(server)
    plan = saved(mjpipe, birds)
    mjpipe("run", birds, "--plan", plan, "--select", "name=heron")
    birds.write_text(BIRDS.replace(*change))
    refused = mjpipe("run", birds, "--plan", plan, code=2).err
    assert "the saved plan no longer fits: the manifest has changed" in refused
    assert "has been run" not in refused


def test_all_runs_of_a_plan_together_cost_no_more_than_it_says(tmp_path: Path, birds: Path) -> None:
    """A task that failed may be billed: to make it again would be more than the plan, whichever run does it."""
    fails = {"at": "task", "do": "fail", "code": "Task TimeOut", "prompt": "duck", "times": 1}
    with sandbox(tmp_path / "service", rules=[fails]) as server:
        mjpipe = at(server)
        plan = saved(mjpipe, birds)
        mjpipe("run", birds, "--plan", plan, "--select", "hero,name=duck", "--select", "hero,name=swan", code=None)
        for _ in range(3):
            mjpipe("run", birds, "--plan", plan, "--retry-failed", code=None)
        assert Decimal(server.total_usd()) <= Decimal("2.00")
        assert len(server.tasks()) == 8
        assert SINCE not in mjpipe("run", birds, "--plan", plan, code=None).err


@pytest.mark.crash
def test_a_plan_survives_many_kills(tmp_path: Path, server: SandboxServer) -> None:
    birds = tmp_path / "campaign.yaml"
    birds.write_text(HUNDRED.replace("NUMBERS", str([*range(1, 101)])))
    mjpipe = at(server)
    plan = saved(mjpipe, birds)
    chance = random.Random(12)
    for _ in range(20):
        begun(server, birds, plan, chance.randint(0, 9))
    last = mjpipe("run", birds, "--plan", plan, code=None)
    assert last.code in (0, 6), last
    assert set(requests(server).values()) == {1}
    assert Decimal(server.total_usd()) <= Decimal("50.00")
