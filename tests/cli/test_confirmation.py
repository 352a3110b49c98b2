"""Nothing is spent that nobody has agreed to."""

import os
import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import Mjpipe, SandboxServer, take_until
from tests.cli.scripted_service import Answer, scripted_service

SLOW_DUCK = {"at": "task", "do": "slow", "prompt": "duck", "factor": 1000, "times": 1}
BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}], key: name}}
limits: {requests_per_second: 1000, task_timeout: 1}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
  final: {kind: upscale, from: hero, images: pick, params: {type: 0}}
"""
ENHANCED = BIRDS.replace('{{ name }}"', '{{ name }}", version: "7", speed: draft').replace(
    "kind: upscale, from: hero, images: pick, params: {type: 0}", "kind: enhance, from: hero, images: pick"
)
DRAFTS = """
mjpipe: 1
campaign: drafts
limits: {requests_per_second: 1000}
nodes:
  sketch: {kind: generate, params: {prompt: a heron, version: "7", speed: draft}}
  finished: {kind: enhance, from: sketch, images: [0]}
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    with sandbox(tmp_path / "service", rules=[SLOW_DUCK]) as running:
        yield running


@pytest.fixture
def mjpipe(server: SandboxServer) -> InProcess:
    return at(server)


def manifest(folder: Path, text: str) -> Path:
    path = folder / "campaign.yaml"
    path.write_text(text)
    return path


def test_without_a_terminal_and_a_cap_nothing_is_asked_of_the_service(
    tmp_path: Path, mjpipe: InProcess, server: SandboxServer
) -> None:
    said = mjpipe("run", manifest(tmp_path, BIRDS), code=2)
    assert said.err.splitlines()[-2:] == [
        "error: no budget set, and no terminal to ask on",
        "help: set `limits.budget` in the manifest, or add --budget USD, or --yes to spend what the plan shows",
    ]
    assert server.tasks() == []


@pytest.mark.parametrize("amount", ["1e400", "NaN", "0.0000001", "-1", "ten"])
def test_an_amount_that_cannot_be_kept_exactly_is_a_usage_error(tmp_path: Path, mjpipe: InProcess, amount: str) -> None:
    refused = mjpipe("run", manifest(tmp_path, BIRDS), "--budget", amount, code=2).err
    assert refused.splitlines()[-1].startswith(f"Error: Invalid value for '--budget': `{amount}`")


@pytest.mark.parametrize("birds", [BIRDS, ENHANCED], ids=["priced", "unpriced"])
def test_a_run_that_nobody_agreed_to_pay_for_carries_out_no_picks(tmp_path: Path, birds: str) -> None:
    """Nobody agrees to a run that has nothing to submit."""
    with scripted_service() as service:
        service.on_status = lambda task: None if task == "task_1" or released.is_set() else in_the_works(task)
        released = threading.Event()
        path = manifest(tmp_path, birds.replace("nodes:", "polling: {first_after: 0.05, interval: 0.05}\nnodes:"))
        environment = {**os.environ, **service.environment(), "NO_COLOR": "1"}
        InProcess(environment)("run", path, "--yes", code=1)  # the second is late
        path.write_text(path.read_text().replace("task_timeout: 1", "task_timeout: 60"))
        (made,) = (tmp_path / "out" / "birds" / "hero").glob("*-0.png")
        going_on = Mjpipe(tmp_path, environment).start("run", path.name)
        said = take_until(going_on, "Plan:")
        (tmp_path / "picks.csv").write_text(f"key,decision,images\nhero/{made.stem.removesuffix('-0')},pick,0 2\n")
        said += take_until(going_on, "picks have changed")
        released.set()
        rest, _ = going_on.communicate(timeout=300)
        assert [asked["mode"] for asked in service.submitted] == ["text-to-image", "text-to-image"], said + rest


def in_the_works(task: str) -> Answer:
    return Answer(data={"taskId": task, "state": "processing"})


def test_under_a_budget_what_has_no_price_waits_and_the_exit_code_says_so(
    tmp_path: Path, mjpipe: InProcess, server: SandboxServer
) -> None:
    path = manifest(tmp_path, DRAFTS)
    mjpipe("run", path, "--budget", "50", code=4)
    assert [task["mode"] for task in server.tasks()] == ["text-to-image"]
    said = mjpipe("run", path, "--budget", "50", code=4)
    assert "unpriced" in said.out.splitlines()[-2]
    mjpipe("run", path, "--yes")
    assert [task["mode"] for task in server.tasks()] == ["text-to-image", "enhance"]
    plan = mjpipe.plan(path)
    assert (plan["jobs"]["to_submit"], plan["jobs"]["done"]) == (0, 2)


def test_a_price_that_changes_changes_nothing_that_was_paid_and_is_not_asked_again(
    tmp_path: Path, mjpipe: InProcess, server: SandboxServer
) -> None:
    path = manifest(tmp_path, DRAFTS.replace("limits:", "prices: {enhance: 0.12}\nlimits:"))
    mjpipe("run", path, "--budget", "0.22")
    path.write_text(DRAFTS.replace("limits:", "prices: {enhance: 5, generate: 9}\nlimits:"))
    said = mjpipe("run", path)
    assert re.findall(r"spent +(\S+)  (\S+) by (?:this|the last) run", said.out) == [("$0.22", "$0.00")]
    assert len(server.tasks()) == 2


def test_yes_spends_what_the_plan_says_and_not_more(tmp_path: Path) -> None:
    """A second try of what may have been billed is more: the next plan says it."""
    fails_once = {"at": "task", "do": "fail", "code": "Task TimeOut", "prompt": "heron", "times": 1}
    path = manifest(tmp_path, BIRDS.partition("  final:")[0])
    with sandbox(tmp_path / "service", rules=[fails_once]) as server:
        mjpipe = at(server)
        said = mjpipe("run", path, "--yes", code=4)
        assert len(server.tasks()) == 2
        assert "the amount agreed to leaves no room for `hero/heron`" in said.err
        assert mjpipe.plan(path)["jobs"]["to_submit"] == 1
        assert said.out.splitlines()[-2:] == [
            "next: spend what is left, as a new plan shows it",
            f"mjpipe run {path} --yes",
        ]
        mjpipe("run", path, "--yes")
        assert len(server.tasks()) == 3


def test_yes_with_a_budget_may_spend_the_budget(tmp_path: Path) -> None:
    fails_once = {"at": "task", "do": "fail", "code": "Task TimeOut", "prompt": "heron", "times": 1}
    path = manifest(tmp_path, BIRDS.partition("  final:")[0])
    with sandbox(tmp_path / "service", rules=[fails_once]) as server:
        at(server)("run", path, "--yes", "--budget", "5")
        assert len(server.tasks()) == 3


def test_without_a_key_the_mistakes_in_the_manifest_are_reported_first(tmp_path: Path) -> None:
    manifest = tmp_path / "campaign.yaml"
    one = "mjpipe: 1\ncampaign: birds\nnodes:\n  hero: {kind: generate, params: {prompt: 'a heron'}}\n"
    keyless = InProcess({name: value for name, value in os.environ.items() if name != "APIXO_API_KEY"})
    manifest.write_text(one.replace("heron", "{{ brid }}"))
    assert "`brid` is not defined here" in keyless("run", manifest, "--yes", code=2).err
    manifest.write_text(one)
    assert keyless("run", manifest, "--yes", code=2).err.startswith("error: there is no API key\n")
    assert not (tmp_path / ".mjpipe").exists()
