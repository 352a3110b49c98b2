"""A state that was copied: the copy does not buy what the original buys."""

import json
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from mjpipe.ledger import Ledger, StateFolder
from tests.cli.in_process import InProcess, at
from tests.cli.program import SandboxServer

BIRDS = """
mjpipe: 1
campaign: birds
inputs: {birds: {csv: birds.csv, key: name}}
limits: {requests_per_second: 1000}
outputs: {dir: out}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
"""


@pytest.fixture
def spring(tmp_path: Path, server: SandboxServer) -> Path:
    """The folder of a campaign that has run."""
    folder = tmp_path / "spring"
    folder.mkdir()
    (folder / "campaign.yaml").write_text(BIRDS)
    birds(folder, "heron")
    at(server)("run", folder / "campaign.yaml", "--yes")
    return folder


def birds(folder: Path, *names: str) -> None:
    (folder / "birds.csv").write_text("\n".join(("name", *names, "")))


def test_the_folder_of_a_campaign_that_was_copied_sends_nothing_while_the_original_is_there(
    spring: Path, server: SandboxServer
) -> None:
    mjpipe, summer = at(server), spring.with_name("summer")
    shutil.copytree(spring, summer)
    birds(summer, "heron", "duck")
    copy, original = summer / ".mjpipe" / "birds", spring / ".mjpipe" / "birds"
    said = f"the state in `{copy}` is a copy of the one in `{original}`, which is still there"
    refused = mjpipe("run", summer / "campaign.yaml", "--yes", code=2).err
    assert f"error: {said}" in refused
    assert f"`mjpipe adopt {summer / 'campaign.yaml'}`" in refused
    assert f"warning: {said}" in mjpipe("plan", summer / "campaign.yaml").err
    assert len(server.tasks()) == 1
    mjpipe("run", summer / "campaign.yaml", "--sandbox")
    birds(spring, "heron", "swan")
    mjpipe("run", spring / "campaign.yaml", "--yes")
    assert len(server.tasks()) == 2
    mjpipe("run", summer / "campaign.yaml", "--yes", code=2)
    shutil.rmtree(spring)
    mjpipe("run", summer / "campaign.yaml", "--yes")
    assert len(server.tasks()) == 3


def test_a_campaign_that_was_moved_carries_on(spring: Path, server: SandboxServer) -> None:
    moved = spring.rename(spring.with_name("moved"))
    birds(moved, "heron", "duck")
    said = at(server)("run", moved / "campaign.yaml", "--yes")
    assert "warning" not in said.err
    assert len(server.tasks()) == 2


def test_a_state_that_is_put_back_from_a_copy_carries_on(spring: Path, server: SandboxServer) -> None:
    states, backup = spring / ".mjpipe", spring / "backup"
    shutil.copytree(states, backup)
    shutil.rmtree(states)
    shutil.copytree(backup, states)
    birds(spring, "heron", "duck")
    said = at(server)("run", spring / "campaign.yaml", "--yes")
    assert "warning" not in said.err
    assert len(server.tasks()) == 2


def test_a_folder_that_is_seen_under_two_paths_has_one_state(spring: Path, server: SandboxServer) -> None:
    (other := spring.with_name("other")).symlink_to(spring)
    birds(spring, "heron", "duck")
    said = at(server)("run", other / "campaign.yaml", "--yes")
    assert "warning" not in said.err
    assert len(server.tasks()) == 2


def test_a_copy_that_was_made_a_state_of_its_own_is_none(spring: Path, server: SandboxServer) -> None:
    mjpipe, summer = at(server), spring.with_name("summer")
    shutil.copytree(spring, summer)
    birds(summer, "heron", "duck")
    folder = StateFolder(summer / ".mjpipe" / "birds")
    with closing(Ledger.open(folder.ledger)) as ledger:
        before = ledger.bindings.state_id()
        folder.make_own(ledger)
        assert len(ledger.bindings.state_id()) == len(before)
        assert ledger.bindings.state_id() != before
    mjpipe("run", summer / "campaign.yaml", "--yes")
    assert tasks_of(mjpipe, summer) == 2
    mjpipe("run", spring / "campaign.yaml", "--yes")
    assert len(server.tasks()) == 2


def tasks_of(mjpipe: InProcess, folder: Path) -> int:
    return int(json.loads(mjpipe("status", folder / "campaign.yaml", "--json").out)["jobs"]["done"])


def test_what_cannot_be_read_where_a_state_was_used_is_no_other_state(spring: Path, server: SandboxServer) -> None:
    summer = spring.with_name("summer")
    shutil.copytree(spring, summer)
    birds(summer, "heron", "duck")
    (spring / ".mjpipe" / "birds" / "ledger.sqlite").write_bytes(b"")
    at(server)("run", summer / "campaign.yaml", "--yes")
    assert len(server.tasks()) == 2
