"""`--select`, `--sample`, `--plan`, `--retry-failed` and `--dry-run` together, each as narrow as it is alone."""

import json
import re
import shlex
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import SandboxServer

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}, {name: crane}, {name: swan}], key: name}}
limits: {requests_per_second: 1000, max_attempts: 1}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
  final: {kind: upscale, from: hero, images: [1], params: {type: 0}}
"""
FAILING: dict[str, Any] = {"at": "submit", "do": "answer", "status": 400}
Serve: TypeAlias = Callable[..., tuple[InProcess, SandboxServer]]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    with ExitStack() as stack:

        def serving(*rules: dict[str, Any]) -> tuple[InProcess, SandboxServer]:
            faults = tmp_path / "faults.yaml"
            faults.write_text(json.dumps({"faults": 1, "rules": rules}))
            server = stack.enter_context(sandbox(tmp_path / "service", faults=faults))
            return at(server), server

        yield serving


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    path = tmp_path / "campaign.yaml"
    path.write_text(BIRDS)
    return path


def made(server: SandboxServer) -> list[str]:
    """Which prompts and modes were billed, sorted."""
    return sorted(str(task["request"].get("prompt", task["mode"])) for task in server.tasks())  # type: ignore[attr-defined]  # JSON


def test_a_sample_of_a_selection_is_both(serve: Serve, birds: Path) -> None:
    mjpipe, server = serve()
    mjpipe("run", birds, "--yes", "--sample", "2", "--select", "hero")
    heroes = made(server)
    assert len(heroes) == 2
    mjpipe("run", birds, "--yes", "--sample", "2", "--select", "hero")
    assert made(server) == heroes
    mjpipe("run", birds, "--yes", "--sample", "2")
    assert made(server) == [*heroes, "upscale", "upscale"]


def test_only_selected_failures_are_tried_again(serve: Serve, birds: Path) -> None:
    mjpipe, server = serve({**FAILING, "times": 2, "prompt": "heron"}, {**FAILING, "times": 1, "prompt": "duck"})
    mjpipe("run", birds, "--yes", "--select", "hero", code=1)
    assert made(server) == ["a crane", "a swan"]
    mjpipe("run", birds, "--yes", "--select", "hero,name=duck", code=1)
    assert made(server) == ["a crane", "a swan"]
    mjpipe("run", birds, "--yes", "--retry-failed", "--select", "hero,name=duck", code=1)
    assert made(server) == ["a crane", "a duck", "a swan"]
    mjpipe("run", birds, "--yes", "--retry-failed", "--select", "state:failed", code=1)
    assert made(server) == ["a crane", "a duck", "a swan"]
    mjpipe("run", birds, "--yes", "--retry-failed", "--sample", "4")
    assert made(server) == ["a crane", "a duck", "a heron", "a swan", *["upscale"] * 4]


def test_failures_that_are_selected_by_their_state_are_tried_again(serve: Serve, birds: Path) -> None:
    mjpipe, server = serve({**FAILING, "times": 1, "prompt": "heron"})
    mjpipe("run", birds, "--yes", "--select", "hero", code=1)
    mjpipe("run", birds, "--yes", "--retry-failed", "--select", "state:failed")
    assert made(server) == ["a crane", "a duck", "a heron", "a swan"]


def test_a_saved_plan_does_not_cover_what_is_tried_again(serve: Serve, birds: Path, tmp_path: Path) -> None:
    mjpipe, server = serve({**FAILING, "times": 1, "prompt": "heron"})
    mjpipe("run", birds, "--yes", code=1)
    bill = server.total_usd()
    mjpipe("plan", birds, "--out", tmp_path / "plan.json")
    refused = mjpipe("run", birds, "--plan", tmp_path / "plan.json", "--retry-failed", code=2)
    assert "the saved plan no longer fits: 2 jobs would be submitted, not " in refused.err
    assert server.total_usd() == bill
    assert json.loads(mjpipe("status", birds, "--json").out)["jobs"]["failed"] == 1


@pytest.mark.parametrize("fault", [FAILING, {"at": "submit", "do": "broken_json"}])
def test_what_follows_from_a_job_that_failed_or_is_in_doubt_is_not_to_be_submitted(
    serve: Serve, birds: Path, fault: dict[str, Any]
) -> None:
    mjpipe, server = serve({**fault, "times": 1, "prompt": "heron"})
    mjpipe("run", birds, "--yes", code=None)
    bill = server.total_usd()
    plan = mjpipe.plan(birds)
    mjpipe("run", birds, "--yes", code=None)
    assert server.total_usd() == bill
    assert (plan["jobs"]["to_submit"], plan["cost"]["high_usd"]) == (0, "0.00")
    assert [*plan["behind"].values()] == [1]
    mjpipe("plan", birds, "--detailed-exitcode")


def test_what_stands_behind_a_job_is_found_when_all_rows_are_renamed(serve: Serve, birds: Path) -> None:
    """Then the ledger gives the jobs level by level, not row by row."""
    mjpipe, server = serve({**FAILING, "times": 1, "prompt": "heron"}, {"at": "submit", "do": "cut", "prompt": "duck"})
    mjpipe("run", birds, "--yes", "--select", "hero", code=6)
    numbered = re.sub(r"\{name: (\w+)\}", r"{name: \1, number: \1-1}", BIRDS)
    birds.write_text(numbered.replace("key: name", "key: number"))
    assert mjpipe.plan(birds)["behind"] == {"failed": 1, "in_doubt": 1}
    before = len(server.tasks())
    said = mjpipe("run", birds, "--yes", code=6)
    assert (
        "Plan: 2 to submit (2 images), 2 done, 1 in doubt, 1 failed, 1 behind failed jobs, 1 behind jobs in doubt · "
        "$0.60 · "
    ) in " ".join(said.err.split())
    assert len(server.tasks()) == before + 2


def test_of_a_saved_plan_a_selection_can_be_made(serve: Serve, birds: Path, tmp_path: Path) -> None:
    mjpipe, server = serve()
    mjpipe("plan", birds, "--out", tmp_path / "plan.json")
    mjpipe("run", birds, "--plan", tmp_path / "plan.json", "--select", "hero,name=duck")
    assert made(server) == ["a duck"]


def test_the_lower_of_a_saved_plan_and_a_budget_holds(serve: Serve, birds: Path, tmp_path: Path) -> None:
    mjpipe, server = serve()
    mjpipe("plan", birds, "--out", tmp_path / "plan.json")
    mjpipe("run", birds, "--plan", tmp_path / "plan.json", "--budget", "0.65", code=4)
    assert server.total_usd() in ("0.50", "0.60")


def test_a_saved_plan_pays_for_no_second_attempt(serve: Serve, birds: Path, tmp_path: Path) -> None:
    """What a failed task cost is at risk, so that one more would be dearer than the plan."""
    birds.write_text(BIRDS.replace("max_attempts: 1", "max_attempts: 3"))
    mjpipe, server = serve({"at": "task", "do": "fail", "code": "Task TimeOut", "prompt": "swan", "times": 1})
    mjpipe("plan", birds, "--out", tmp_path / "plan.json")
    mjpipe("run", birds, "--plan", tmp_path / "plan.json", code=4)
    assert server.total_usd() in ("1.80", "1.90", "2.00")


def test_a_dry_run_shows_what_would_be_tried_again(serve: Serve, birds: Path) -> None:
    mjpipe, _ = serve({**FAILING, "times": 1, "prompt": "heron"})
    mjpipe("run", birds, "--yes", code=1)
    dry = mjpipe("run", birds, "--dry-run", "--retry-failed").out
    real = mjpipe("run", birds, "--yes", "--retry-failed").err
    assert "Plan: 2 to submit" in dry
    assert dry == real


def test_a_dry_run_shows_of_a_part_what_the_run_of_that_part_does(serve: Serve, birds: Path) -> None:
    mjpipe, server = serve()
    part = ("--sample", "3", "--select", "hero", "--select", "name=duck")
    dry = mjpipe("run", birds, "--dry-run", *part).out
    assert not (birds.parent / ".mjpipe").exists()
    note, said = mjpipe("run", birds, "--yes", *part).err.split("\n", 1)
    assert note.startswith("note: no earlier run is known here")
    assert said == dry
    assert f"Plan: {len(server.tasks())} to submit" in dry


def test_what_waits_for_a_source_that_is_not_selected_is_not_counted_as_to_be_submitted(
    serve: Serve, birds: Path
) -> None:
    mjpipe, server = serve()
    said = mjpipe("run", birds, "--yes", "--select", "final", code=None)
    assert "Plan: nothing to submit" in said.err
    assert "4 behind jobs not selected" in said.err
    assert server.tasks() == []
    assert said.out.splitlines()[-2:] == [
        "next: also make what the selected jobs wait for",
        f"mjpipe run {birds} --select +final",
    ]
    assert mjpipe("run", birds, "--yes", "--select", "+final").out.splitlines()[-1] == "all done"


def test_a_part_of_a_part_is_widened_alone(serve: Serve, birds: Path) -> None:
    mjpipe, server = serve()
    part = ("--sample", "4", "--select", "final,name=duck", "--select", "state:failed,name=s*n")
    said = mjpipe("run", birds, "--yes", *part).out.splitlines()[-2:]
    wider = "--sample 4 --select +final,name=duck --select 'state:failed,name=s*n'"
    assert said == ["next: also make what the selected jobs wait for", f"mjpipe run {birds} {wider}"]
    said = mjpipe("run", birds, "--yes", *shlex.split(wider)).out.splitlines()[-2:]
    assert made(server) == ["a duck", "upscale"]
    assert said == ["next: make the rest, 6 of 8 jobs", f"mjpipe run {birds}"]
    assert mjpipe("run", birds, "--yes").out.splitlines()[-1] == "all done"


def test_a_selection_that_cannot_be_widened_leads_to_the_whole(serve: Serve, birds: Path) -> None:
    mjpipe, server = serve()
    said = mjpipe("run", birds, "--yes", "--select", "state:waiting")
    assert (server.tasks(), said.out.splitlines()[-2:]) == (
        [],
        ["next: make the rest, 8 of 8 jobs", f"mjpipe run {birds}"],
    )


def test_after_a_part_the_next_command_makes_the_rest(serve: Serve, birds: Path) -> None:
    mjpipe, _ = serve()
    said = mjpipe("run", birds, "--yes", "--select", "hero")
    assert said.out.splitlines()[-1].startswith(f"mjpipe run {birds}")


def test_behind_a_failed_job_there_is_nothing_to_pick(serve: Serve, birds: Path) -> None:
    birds.write_text(BIRDS.replace("images: [1]", "images: pick"))
    mjpipe, _ = serve({**FAILING, "times": 1, "prompt": "heron"})
    mjpipe("run", birds, "--yes", code=1)
    plan = mjpipe.plan(birds)
    assert (plan["behind"], plan["behind_picks"]["jobs"], plan["cost"]["high_usd"]) == ({"failed": 1}, 12, "3.60")
    assert "nothing to submit, 3 done, 3 waiting for picks" in mjpipe("plan", birds).out
    again = mjpipe("run", birds, "--dry-run", "--retry-failed").out
    assert "Plan: 1 to submit (4 images), 3 done, 4 waiting for picks (up to 16 images) · $0.20 to $5.00" in " ".join(
        again.split()
    )


@pytest.mark.parametrize("retry", [(), ("--retry-failed",)])
@pytest.mark.parametrize(
    "part",
    [
        (),
        ("--select", "hero"),
        ("--select", "final"),
        ("--select", "hero+"),
        ("--select", "+final,name=heron"),
        ("--select", "name=duck", "--select", "name=crane"),
        ("--select", "state:ready"),
        ("--select", "state:waiting"),
        ("--select", "state:failed"),
        ("--sample", "3"),
        ("--sample", "3", "--select", "final"),
    ],
)
def test_what_the_plan_of_a_part_says_its_run_does(
    serve: Serve, birds: Path, part: tuple[str, ...], retry: tuple[str, ...]
) -> None:
    """After a run of a part, in which one job failed and one came in doubt."""
    mjpipe, server = serve(
        {**FAILING, "times": 1, "prompt": "heron"}, {"at": "submit", "do": "cut", "times": 1, "prompt": "duck"}
    )
    herons_ducks_cranes = [word for bird in ("heron", "duck", "crane") for word in ("--select", f"hero,name={bird}")]
    mjpipe("run", birds, "--yes", *herons_ducks_cranes, code=6)
    before = len(server.tasks())
    dry = mjpipe("run", birds, "--dry-run", *part, *retry).out
    real = mjpipe("run", birds, "--yes", *part, *retry, code=None).err
    assert real.startswith(dry)
    assert f"Plan: {len(server.tasks()) - before or 'nothing'} to submit" in dry
