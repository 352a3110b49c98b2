"""A state that is damaged and a disk that refuses, as each command tells of them."""

import os
import subprocess
import sys
from collections import deque
from pathlib import Path

import pytest

from mjpipe.cli.campaign import open_campaign
from mjpipe.ledger import Ledger
from tests.cli.inside import Inside
from tests.ledger.jobs import make

PAGE = 4096
COMMANDS = (
    ("status",),
    ("status", "--json"),
    ("plan",),
    ("run", "--yes"),
    ("run", "--dry-run"),
    ("report",),
    ("resolve",),
    ("prune",),
    ("prune", "--yes"),
    ("expand",),
)
MJPIPE = Inside({**os.environ, "APIXO_API_KEY": "a-key", "NO_COLOR": "1"})


@pytest.fixture
def made(tmp_path: Path) -> Path:
    """The manifest of a campaign that has been made."""
    MJPIPE("init", tmp_path / "teapots")
    manifest = tmp_path / "teapots" / "campaign.yaml"
    campaign = open_campaign(manifest)
    ledger = Ledger.open(campaign.folder.ledger)
    campaign.folder.bind_owner(ledger, manifest)
    deque(ledger.adopt(campaign.jobs(ledger)), maxlen=0)
    make(ledger)
    ledger.close()
    return manifest


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_damaged_ledger_is_a_fault_of_the_state_to_each_command(made: Path, command: tuple[str, ...]) -> None:
    path = open_campaign(made).folder.ledger
    content = bytearray(path.read_bytes())
    for page in range(2, len(content) // PAGE):
        content[page * PAGE : page * PAGE + 200] = b"\xff" * 200
    path.write_bytes(content)
    said = MJPIPE(command[0], made, *command[1:], code=9)
    assert "cannot be used: database disk image is malformed\nhelp: check the disk" in said.err


def test_a_place_that_cannot_be_written_is_a_fault_of_the_disk(made: Path) -> None:
    nowhere = Path(os.devnull) / "x"
    assert f"error: `{nowhere}` cannot be used: not a directory" in MJPIPE("plan", made, "--out", nowhere, code=9).err
    assert "cannot be used: not a directory" in MJPIPE("init", nowhere, code=9).err


def test_a_lock_whose_holder_cannot_be_written_is_a_fault_of_the_disk(made: Path) -> None:
    (open_campaign(made).folder.path / "holder.json").mkdir()
    said = MJPIPE("prune", made, "--yes", code=9)
    assert "holder.json` cannot be used: is a directory" in said.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("command", ["--version", "prices", "plan campaign.yaml --json"])
def test_an_output_that_cannot_be_written_is_a_fault_of_the_disk(made: Path, command: str, unbuffered: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "mjpipe", *command.split()],
            cwd=made.parent,
            env={**os.environ, "PYTHONUNBUFFERED": unbuffered},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    said = "error: the output could not be written: no space left on device\nhelp: make room on the disk\n"
    assert (done.returncode, done.stderr) == (9, said)
