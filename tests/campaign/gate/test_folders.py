"""Folders that a run cannot use are found before anything is paid for."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mjpipe.campaign import open_campaign
from mjpipe.campaign.gate import Finding, Severity, Situation
from mjpipe.campaign.gate.network_file_systems import NETWORK, state_on_a_network
from mjpipe.campaign.gate.unusable_folders import unusable_folders
from mjpipe.ledger import Ledger
from tests.cli.in_process import at, sandbox
from tests.permissions import TEAM, acting_as, needs_other_people, shared_folder

BIRDS = """
mjpipe: 1
campaign: birds
outputs: {dir: out, path: "{{ node }}/{{ image }}.{{ ext }}"}
nodes:
  hero: {kind: generate, params: {prompt: a heron}}
"""


def situation(folder: Path) -> Situation:
    (folder / "campaign.yaml").write_text(BIRDS)
    return Situation(campaign=open_campaign(folder / "campaign.yaml"), ledger=Ledger.in_memory(), host="api.test")


def evidence(found: Iterator[Finding]) -> list[str]:
    findings = [*found]
    assert {finding.severity for finding in findings} <= {Severity.STATE}
    return [finding.evidence for finding in findings]


def test_nothing_is_found_where_everything_can_be_made(tmp_path: Path) -> None:
    assert evidence(unusable_folders(situation(tmp_path))) == []


@pytest.mark.parametrize(
    ("file", "what"),
    [
        (".mjpipe/birds/held", "images that wait are"),
        ("out", "images are"),
        ("out/.mjpipe", "downloads are"),
        ("campaign.receipts", "receipts are"),
    ],
)
def test_a_file_in_the_place_of_a_folder_is_found(tmp_path: Path, file: str, what: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    said = f"`{path}` cannot be used, and {what} written there: it is not a folder"
    assert evidence(unusable_folders(situation(tmp_path))) == [said]


@contextmanager
def campaign_of_a_team() -> Iterator[Path]:
    """In a folder in which the group may write."""
    with shared_folder() as folder:
        os.chown(folder, 0, TEAM)
        folder.chmod(0o2775)
        yield folder


@needs_other_people
@pytest.mark.parametrize("closed", ["out", "out/report", "campaign.receipts", "out/hero"])
def test_a_folder_in_which_one_may_not_write_stops_a_run_before_its_first_request(tmp_path: Path, closed: str) -> None:
    with sandbox(tmp_path / "service") as server, campaign_of_a_team() as team:
        mjpipe = at(server)
        # Whatever is imported late is imported now: root's Python may lie where nobody else may look.
        (tmp_path / "campaign.yaml").write_text(BIRDS)
        mjpipe("run", tmp_path / "campaign.yaml", "--yes")
        (team / "campaign.yaml").write_text(BIRDS)
        (team / closed).mkdir(parents=True)
        if closed != "out":
            (team / "out").mkdir(exist_ok=True)
            (team / "out").chmod(0o2775)
        with acting_as(65_001):
            said = mjpipe("run", team / "campaign.yaml", "--yes", code=9).err
        assert f"error: `{team / closed}` cannot be used, and " in said
        assert f"help: move it away, or get the right to write there: `ls -ld {team / closed}`" in said
        assert len(server.tasks()) == 1


def test_a_state_on_a_disk_of_this_machine_is_no_finding(tmp_path: Path) -> None:
    assert evidence(state_on_a_network(situation(tmp_path))) == []


def test_file_systems_of_virtual_machines_and_containers_are_no_networks() -> None:
    assert NETWORK.isdisjoint({"9p", "virtiofs", "overlay", "btrfs", "ext4", "tmpfs", "xfs", "zfs"})
    assert {"nfs", "nfs4", "cifs", "smb3", "fuse.sshfs"} <= NETWORK
