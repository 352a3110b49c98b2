"""Standard streams that are closed, full, unread, or cannot show what is printed."""

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.cli.in_process import InProcess
from tests.cli.program import Mjpipe

MANIFEST = """
mjpipe: 1
campaign: birds
inputs: {birds: {csv: birds.csv, key: name}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }} by a vase 🏺"}}
"""


@pytest.fixture(params=["heron"])
def birds(request: pytest.FixtureRequest, mjpipe: Mjpipe) -> Mjpipe:
    """In the folder of a campaign of one job."""
    (mjpipe.folder / "campaign.yaml").write_text(MANIFEST, "utf-8")
    (mjpipe.folder / "birds.csv").write_text(f"name\n{request.param}\n", "utf-8")
    return mjpipe


def in_a_shell(mjpipe: Mjpipe, script: str, *argv: str) -> subprocess.CompletedProcess[bytes]:
    """`script` is a line of a shell in which `mjpipe` stands for the program with its arguments."""
    program = shlex.join([sys.executable, "-m", "mjpipe", *argv])
    return subprocess.run(
        ["sh", "-c", script.replace("mjpipe", f"exec {program}")],
        cwd=mjpipe.folder,
        env=dict(mjpipe.environment),
        capture_output=True,
        timeout=120,
        check=False,
    )


@contextmanager
def unread() -> Iterator[int]:
    """The writing end of a pipe that nobody reads any more."""
    reading, writing = os.pipe()
    os.close(reading)
    yield writing
    os.close(writing)


def states(mjpipe: Mjpipe) -> tuple[int, int]:
    said = InProcess(mjpipe.environment)("status", mjpipe.folder / "campaign.yaml", "--sandbox", "--json").out
    jobs = json.loads(said)["jobs"]
    return jobs["total"], jobs["done"]


def test_a_run_whose_streams_are_closed_and_whose_limit_can_be_raised_ends_as_any_other(birds: Mjpipe) -> None:
    """As services and cron start it. A file that were opened in the place of a stream would be written over."""
    done = in_a_shell(birds, "ulimit -S -n 40; mjpipe <&- >&- 2>&-", "run", "campaign.yaml", "--sandbox")
    assert (done.returncode, states(birds)) == (0, (1, 1))


def test_output_that_has_no_room_is_exit_9_after_all_is_made_and_recorded(birds: Mjpipe) -> None:
    done = in_a_shell(birds, "mjpipe >/dev/full", "run", "campaign.yaml", "--sandbox")
    assert (done.returncode, done.stderr.decode().splitlines()[-2:]) == (
        9,
        [
            "error: the output could not be written: no space left on device",
            "help: make room on the disk",
        ],
    )
    assert states(birds) == (1, 1)
    assert (birds.folder / "out" / "birds.sandbox" / "report" / "costs.json").exists()


def test_a_run_whose_talk_and_output_nobody_reads_says_by_its_exit_code_how_it_ended(birds: Mjpipe) -> None:
    with unread() as pipe:
        argv = [sys.executable, "-m", "mjpipe", "run", "campaign.yaml", "--sandbox"]
        done = subprocess.run(
            argv, cwd=birds.folder, env=dict(birds.environment), stdout=pipe, stderr=pipe, timeout=120, check=False
        )
    assert (done.returncode, states(birds)) == (0, (1, 1))


@pytest.mark.parametrize(
    "argv",
    [
        ("--help",),
        ("expand", "campaign.yaml"),
        ("expand", "campaign.yaml", "--format", "csv"),
        ("plan", "campaign.yaml", "--json", "--detailed-exitcode"),
    ],
)
def test_output_that_nobody_reads_to_its_end_ends_a_command_quietly(birds: Mjpipe, argv: tuple[str, ...]) -> None:
    with unread() as pipe:
        done = subprocess.run(
            [sys.executable, "-m", "mjpipe", *argv],
            cwd=birds.folder,
            env=dict(birds.environment),
            stdout=pipe,
            stderr=subprocess.PIPE,
            timeout=120,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, b"")


CLOSED = ("<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-")


@pytest.mark.parametrize(
    ("argv", "code"),
    [
        (("run", "campaign.yaml", "--sandbox"), 0),
        (("plan", "campaign.yaml", "--detailed-exitcode"), 3),
        (("run", "campaign.yaml"), 2),
        (("--help",), 0),
    ],
)
def test_closed_streams_are_the_null_device_and_the_exit_code_is_the_same(
    birds: Mjpipe, argv: tuple[str, ...], code: int
) -> None:
    for closed in CLOSED:
        done = in_a_shell(birds, f"mjpipe {closed}", *argv)
        assert (done.returncode, b"Traceback" in done.stderr + done.stdout) == (code, False), (closed, done)


@pytest.mark.parametrize("birds", ["Ł-1"], indirect=True)
def test_what_an_encoding_cannot_show_is_escaped_and_a_document_stays_one(birds: Mjpipe) -> None:
    western = Mjpipe(birds.folder, {**birds.environment, "PYTHONIOENCODING": "cp1252"})

    def said(*argv: str) -> str:
        done = in_a_shell(western, "mjpipe", *argv)
        assert done.returncode == 0, done.stderr
        return done.stdout.decode("cp1252")

    at = ("campaign.yaml", "--sandbox")
    assert json.loads(said("expand", *at))["request"]["prompt"] == "a Ł-1 by a vase 🏺"
    assert said("plan", *at, "--by", "name").splitlines()[3].startswith(r"\u0141-1  1 to submit")
    assert said("run", *at).splitlines()[-1] == "all done"
    assert said("show", *at, "hero/Ł-1").startswith(r"hero/\u0141-1")


def test_files_that_may_not_be_open_at_once_are_said_before_anything_is_written(birds: Mjpipe) -> None:
    few = in_a_shell(birds, "ulimit -n 20; mjpipe", "plan", "campaign.yaml")
    assert (few.returncode, few.stderr.decode()) == (
        9,
        """error: this process may have 20 files open at once, and needs 32
help: ulimit -n 1024, or LimitNOFILE=1024 in a service of systemd
""",
    )
    too_few = in_a_shell(birds, "ulimit -n 64; mjpipe", "run", "campaign.yaml", "--sandbox", "--concurrency", "30")
    assert (too_few.returncode, too_few.stderr.decode()) == (
        9,
        """error: this process may have 64 files open at once, and needs 156
help: ulimit -n 1024, or LimitNOFILE=1024 in a service of systemd, or need fewer: --concurrency 1, `downloads: 1`
""",
    )
    assert sorted(path.name for path in birds.folder.iterdir()) == ["birds.csv", "campaign.yaml"]
