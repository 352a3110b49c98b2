"""A state that is damaged and a disk that refuses, as each command reports them."""

import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from mjpipe.campaign import open_campaign
from mjpipe.ledger import Ledger
from tests.cli.in_process import InProcess
from tests.ledger.jobs import make

PAGE = 4096
KEY = "hero/T-01/studio"
COMMANDS = (
    ("status",),
    ("status", "--json"),
    ("plan",),
    ("plan", "--json"),
    ("run", "--yes"),
    ("run", "--dry-run"),
    ("report",),
    ("resolve",),
    ("resolve", KEY, "--not-sent"),
    ("prune",),
    ("prune", "--yes"),
    ("expand",),
    ("show", KEY),
    ("pick", KEY, "0"),
)
# Nothing listens at port 9: a run that began would not end with 9.
NOWHERE = {"APIXO_API_KEY": "a-key", "APIXO_BASE_URL": "http://127.0.0.1:9/api/v1"}
MJPIPE = InProcess({**os.environ, **NOWHERE, "NO_COLOR": "1"})


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a campaign that has been made."""
    home = tmp_path_factory.mktemp("made") / "teapots"
    MJPIPE("init", home)
    manifest = home / "campaign.yaml"
    campaign = open_campaign(manifest)
    ledger = Ledger.open(campaign.folder.ledger)
    campaign.folder.bind_owner(ledger, manifest)
    with ledger.adopting() as adoption:
        campaign.expand(ledger, adoption.take)
        adoption.finish()
    make(ledger)
    ledger.connection.execute("DELETE FROM bindings WHERE name = 'used_at'")  # the tests use copies of it
    ledger.close()
    return home


@pytest.fixture
def made(made_once: Path, tmp_path: Path) -> Path:
    """The manifest of a campaign that has been made."""
    shutil.copytree(made_once, tmp_path / "teapots")
    return tmp_path / "teapots" / "campaign.yaml"


def pages(ledger: Path, which: Callable[[int], range]) -> None:
    content = bytearray(ledger.read_bytes())
    for page in which(len(content) // PAGE):
        content[page * PAGE : page * PAGE + 200] = b"\xff" * 200
    ledger.write_bytes(content)


def another_program(ledger: Path) -> None:
    ledger.unlink()
    with closing(sqlite3.connect(ledger)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")


def gone(ledger: Path) -> None:
    ledger.rename(ledger.with_name("ledger.sqlite-wal"))


def a_folder(ledger: Path) -> None:
    ledger.unlink()
    ledger.mkdir()


def a_link_to_nothing(ledger: Path) -> None:
    ledger.unlink()
    ledger.symlink_to("disk-that-is-not-there.sqlite")


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "emptied": (lambda ledger: ledger.write_bytes(b""), "is empty: it says nothing of what was paid for"),
    "zeros": (lambda ledger: ledger.write_bytes(bytes(ledger.stat().st_size)), "file is not a database"),
    "text": (lambda ledger: ledger.write_text("key,node\n" * 999), "file is not a database"),
    "cut in half": (lambda ledger: os.truncate(ledger, ledger.stat().st_size // 2), "malformed"),
    "the middle overwritten": (lambda ledger: pages(ledger, lambda count: range(2, count - 1)), "malformed"),
    "another program's": (another_program, "is a database, but not a ledger of mjpipe"),
    "gone, its changes left": (gone, "is gone, and `ledger.sqlite-wal` beside it says that there was one"),
    "a folder": (a_folder, "is not a file that can be read"),
    "a link to nothing": (a_link_to_nothing, "is not a file that can be read"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_ledger_is_a_fault_of_the_state_to_each_command(made: Path, damage: str) -> None:
    ledger = open_campaign(made).folder.ledger
    break_it, says = DAMAGES[damage]
    break_it(ledger)
    files = contents(ledger.parent)
    for command in COMMANDS:
        said = MJPIPE(command[0], made, *command[1:], code=9)
        assert says in said.err, (command, said)
        assert f"`{ledger}`" in said.err, (command, said)
        assert "buys everything again" in said.err.partition("\nhelp: ")[2], (command, said)
    assert contents(ledger.parent) == files


def contents(state: Path) -> dict[str, bytes]:
    """Of the files of a state that say anything."""
    files = {path.name: path.read_bytes() for path in state.iterdir() if path.is_file()}
    return {name: content for name, content in files.items() if content and not name.endswith("-shm")}


def test_one_page_that_is_overwritten_stops_a_run_before_its_first_request(made: Path) -> None:
    ledger = open_campaign(made).folder.ledger
    whole = ledger.read_bytes()
    for page in range(len(whole) // PAGE):
        ledger.write_bytes(whole)
        pages(ledger, lambda _, page=page: range(page, page + 1))  # type: ignore[misc]
        assert "the state in `" in MJPIPE("run", made, "--yes", code=9).err


def test_a_value_that_no_mjpipe_writes_is_a_fault_of_a_damaged_ledger(made: Path) -> None:
    ledger = open_campaign(made).folder.ledger
    whole = ledger.read_bytes()
    assert whole.count(b"ready") > whole.count(b"'ready'")  # in rows and indices, not only in the schema
    ledger.write_bytes(whole.replace(b"ready", b"reabc").replace(b"'reabc'", b"'ready'"))
    assert "is damaged: CHECK constraint failed in jobs" in MJPIPE("status", made, code=9).err


@pytest.mark.parametrize(
    ("change", "commands"),
    [
        ("UPDATE attempts SET body = x'00'", ["show KEY", "report"]),
        ("UPDATE jobs SET request = '{', paths = '{'", ["pick KEY 0", "show KEY", "report"]),
    ],
)
def test_text_that_is_not_what_mjpipe_writes_is_a_fault_of_the_state(
    made: Path, change: str, commands: list[str]
) -> None:
    """The file is sound to SQLite."""
    with closing(sqlite3.connect(open_campaign(made).folder.ledger)) as ledger:
        (key,) = ledger.execute("SELECT key FROM jobs WHERE attempt IS NOT NULL").fetchone()
        ledger.execute(change)
        ledger.commit()
    for command in commands:
        verb, *options = command.replace("KEY", key).split()
        said = MJPIPE(verb, made, *options, code=9)
        assert re.search(r"`\w+` of row \d+ in `\w+` is not JSON|malformed JSON", said.err), (command, said)


def test_a_place_that_cannot_be_written_is_a_fault_of_the_disk(made: Path) -> None:
    nowhere = Path(os.devnull) / "x"
    said = MJPIPE("plan", made, "--out", nowhere, code=9)
    assert f"error: `{nowhere}` cannot be written: not a directory" in said.err
    assert "cannot be used: not a directory" in MJPIPE("init", nowhere, code=9).err


def test_a_lock_that_cannot_be_written_is_a_fault_of_the_disk(made: Path) -> None:
    (open_campaign(made).folder.path / "lock").mkdir()
    said = MJPIPE("prune", made, "--yes", code=9)
    assert "lock` cannot be used: is a directory" in said.err


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
