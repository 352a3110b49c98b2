"""The next command that each end names: typed as it stands, it goes on with the same campaign."""

import shlex
from pathlib import Path

import pytest

from mjpipe.cli.printing.next_step import TypedRun, next_step
from mjpipe.domain import ZERO, JobKey, JobState
from mjpipe.ledger import Balance, StateFolder
from mjpipe.run import Ending, StopReason
from tests.cli.in_process import InProcess, at
from tests.cli.program import SandboxServer

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}], key: name}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
  large: {kind: upscale, from: hero, images: pick}
"""


@pytest.fixture
def mjpipe(server: SandboxServer) -> InProcess:
    return at(server)


def typed(mjpipe: InProcess, text: str) -> list[str]:
    """Carries out the command of a line; gives the last two lines that it prints."""
    name, *argv = shlex.split(text)
    assert name == "mjpipe"
    said = mjpipe(*argv, code=None)
    return (said.out or said.err).splitlines()[-2:]


def test_each_next_command_goes_on_with_the_state_that_was_named(
    tmp_path: Path, mjpipe: InProcess, server: SandboxServer
) -> None:
    (tmp_path / "spring birds").mkdir()
    manifest, state = tmp_path / "spring birds" / "campaign.yaml", tmp_path / "my state"
    manifest.write_text(BIRDS)
    campaign = f"'{manifest}' --state '{state}'"

    shown = mjpipe("run", manifest, "--state", state, "--budget", "0.30", "--sample", "2", code=4).out.splitlines()
    assert shown[-2:] == [
        "next: raise the budget: $0.20 is used, and 1 more job costs $0.20",
        f"mjpipe run {campaign} --budget 0.40",
    ]
    shown = mjpipe(
        "run", manifest, "--state", state, "--budget", "5", "--select", "name=heron", code=5
    ).out.splitlines()
    run = f"mjpipe run {campaign} --budget 5.00"
    assert shown[-2:] == ["next: make the rest, 1 of 4 jobs", run]
    pick = f"mjpipe pick {campaign} hero/heron 0"
    assert typed(mjpipe, run) == [
        "next: pick images, for example image 0 of the first job; then run again",
        pick,
    ]
    assert typed(mjpipe, pick) == ["next: run the campaign", f"mjpipe run {campaign}"]
    assert len(server.tasks()) == 2


def test_a_pick_beside_a_run_needs_no_other_run(tmp_path: Path, mjpipe: InProcess) -> None:
    manifest, state = tmp_path / "campaign.yaml", tmp_path / "state"
    manifest.write_text(BIRDS)
    mjpipe("run", manifest, "--state", state, "--budget", "5", code=5)
    with StateFolder(state).lock():
        said = mjpipe("pick", manifest, "--state", state, "hero/heron", "0").err
    assert said.splitlines()[1:] == ["a run is in progress, and uses new picks by itself (not with --plan)"]


@pytest.mark.parametrize(
    ("state", "step"),
    [
        (JobState.SUBMITTED, "next: continue\nmjpipe run birds.yaml"),
        (
            JobState.UNPICKED,
            (
                "next: pick images, for example image 0 of the first job; then run again\n"
                "mjpipe pick birds.yaml hero/heron 0"
            ),
        ),
    ],
)
def test_after_an_interruption_the_next_command_is_to_continue_only_what_is_unfinished(
    state: JobState, step: str
) -> None:
    ending = Ending(
        counts={("hero", JobState.DONE): 1, ("large", state): 1},
        ready=0,
        to_pick=JobKey("hero/heron"),
        balance=Balance(spent=ZERO, reserved=ZERO, at_risk=ZERO, unpriced=0),
        closed_until=None,
        stop=StopReason.INTERRUPTED,
    )
    assert str(next_step(ending, TypedRun(yes=False, campaign="birds.yaml", limits="", part="", widened=None))) == step
