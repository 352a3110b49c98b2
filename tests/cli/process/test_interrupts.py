"""SIGTERM, SIGHUP and a terminal that is gone stop a run in good order, whatever else comes with them."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.in_process import InProcess
from tests.cli.scripted_service import THREE_BIRDS, ScriptedService, scripted_service

TWO_OF_THREE = {"done": 2, "ready": 1}
LAUNCH = """
import fcntl, os, signal, sys, termios
terminal, nohup, *argv = sys.argv[1:]
if nohup == "nohup":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
if terminal:
    its = os.open(terminal, os.O_RDWR)
    fcntl.ioctl(its, termios.TIOCSCTTY, 0)
    for number in (0, 1, 2):
        os.dup2(its, number)
os.execv(sys.executable, [sys.executable, "-m", "mjpipe", *argv])
"""


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


@contextmanager
def launched(
    folder: Path, service: ScriptedService, *, terminal: str = "", nohup: bool = False
) -> Iterator["subprocess.Popen[str]"]:
    """A run as the leader of a session of its own, on `terminal` if there is one."""
    (folder / "campaign.yaml").write_text(THREE_BIRDS)
    argv = [terminal, "nohup" if nohup else "", "run", "campaign.yaml", "--yes"]
    with subprocess.Popen(
        [sys.executable, "-c", LAUNCH, *argv],
        cwd=folder,
        env={**os.environ, **service.environment(), "NO_COLOR": "1", "COLUMNS": "100"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as run:
        try:
            yield run
        finally:
            run.kill()


def states(folder: Path, service: ScriptedService) -> dict[str, int]:
    jobs = json.loads(InProcess(service.environment())("status", folder / "campaign.yaml", "--json").out)["jobs"]
    return {state: count for state, count in jobs.items() if count and state != "total"}


def has_its_reports(folder: Path) -> bool:
    outputs = folder / "out" / "birds"
    return (outputs / "report" / "costs.json").exists() and len([*outputs.rglob("*.png")]) == 8


@pytest.mark.parametrize(
    "signals",
    [[signal.SIGTERM, signal.SIGHUP], [signal.SIGTERM, signal.SIGTERM]],
    ids=lambda signals: "+".join(number.name for number in signals),
)
def test_what_is_in_flight_is_fetched_and_nothing_new_is_submitted(
    tmp_path: Path, signals: list[signal.Signals]
) -> None:
    with scripted_service() as service:
        service.ended.clear()
        with launched(tmp_path, service) as run:
            until(lambda: len(service.tasks) == 2)
            for number in signals:
                run.send_signal(number)
            assert run.stdout is not None
            while "submitting nothing new" not in run.stdout.readline():
                pass
            service.ended.set()
            output, _ = run.communicate(timeout=60)
        assert (run.returncode, output.splitlines()[-2:]) == (130, ["next: continue", "mjpipe run campaign.yaml"]), (
            output
        )
        assert (states(tmp_path, service), len(service.submitted), has_its_reports(tmp_path)) == (TWO_OF_THREE, 2, True)


def test_a_terminal_that_is_closed_leaves_no_submission_in_doubt(tmp_path: Path) -> None:
    """The kernel sends SIGHUP while two are on the wire, and whatever is shown from then on raises EIO."""
    mine, its = pty.openpty()
    closed = threading.Event()

    def close_first(_input: object, _number: int) -> None:
        if not closed.is_set():
            os.close(mine)
            closed.set()

    with scripted_service() as service:
        service.on_submit = close_first
        with launched(tmp_path, service, terminal=os.ttyname(its)) as run:
            os.close(its)
            run.communicate(timeout=60)
        assert (run.returncode, closed.is_set()) == (130, True)
        assert (states(tmp_path, service), len(service.submitted), has_its_reports(tmp_path)) == (TWO_OF_THREE, 2, True)


def test_under_nohup_a_terminal_that_is_closed_ends_nothing(tmp_path: Path) -> None:
    mine, its = pty.openpty()
    with scripted_service() as service:
        service.ended.clear()
        with launched(tmp_path, service, terminal=os.ttyname(its), nohup=True) as run:
            os.close(its)
            until(lambda: len(service.tasks) == 2)
            os.close(mine)
            service.ended.set()
            run.communicate(timeout=60)
        assert (run.returncode, states(tmp_path, service), len(service.submitted)) == (0, {"done": 3}, 3)


def test_a_reader_that_is_gone_ends_nothing(tmp_path: Path) -> None:
    """`mjpipe run M 2>&1 | head -1`"""
    with scripted_service() as service:
        service.ended.clear()
        with launched(tmp_path, service) as run:
            until(lambda: len(service.tasks) == 2)
            assert run.stdout is not None
            run.stdout.close()
            service.ended.set()
            assert run.wait(timeout=60) == 0
        assert (states(tmp_path, service), len(service.submitted)) == ({"done": 3}, 3)


DURING_THE_CHECKS = """
import os, sys
from mjpipe.cli import main
number, image, *argv = sys.argv[1:]
signals = [*map(int, number.split(","))]

def interrupt(event, args):
    if event == "open" and str(args[0]) == image:
        while signals:
            os.kill(os.getpid(), signals.pop(0))

sys.addaudithook(interrupt)
sys.argv[1:] = argv
main()
"""
"""A run that gets signals when it begins to read an image on disk."""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_run_with_nobody_to_ask_that_is_stopped_during_its_checks_is_interrupted_and_loses_nothing(
    tmp_path: Path, number: signal.Signals
) -> None:
    manifest = tmp_path / "campaign.yaml"
    manifest.write_text(THREE_BIRDS)
    with scripted_service() as service:
        mjpipe = InProcess(service.environment())
        assert mjpipe("run", manifest, "--yes").code == 0
        images = sorted((tmp_path / "out" / "birds").rglob("*.png"))
        asked = [*service.images_asked]
        os.utime(images[0], (4e9, 4e9))  # a run reads what seems to be written since
        stopped = subprocess.run(
            [sys.executable, "-c", DURING_THE_CHECKS, str(int(number)), str(images[0]), "run", manifest, "--yes"],
            env={**os.environ, **service.environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        ended = (stopped.returncode, stopped.stdout.splitlines()[-2:])
        assert ended == (130, ["next: continue", f"mjpipe run {manifest}"]), stopped.stderr
        assert mjpipe("run", manifest, "--yes").code == 0
        assert (states(tmp_path, service), sorted((tmp_path / "out" / "birds").rglob("*.png"))) == ({"done": 3}, images)
        assert (len(service.submitted), service.images_asked) == (3, asked)


def test_a_second_ctrl_c_during_the_checks_of_a_run_leaves_at_once_and_loses_nothing(tmp_path: Path) -> None:
    manifest = tmp_path / "campaign.yaml"
    manifest.write_text(THREE_BIRDS)
    with scripted_service() as service:
        mjpipe = InProcess(service.environment())
        assert mjpipe("run", manifest, "--yes").code == 0
        images = sorted((tmp_path / "out" / "birds").rglob("*.png"))
        for image in images:
            os.utime(image, (4e9, 4e9))
        twice = f"{int(signal.SIGINT)},{int(signal.SIGINT)}"
        left = subprocess.run(
            [sys.executable, "-c", DURING_THE_CHECKS, twice, str(images[0]), "run", manifest, "--yes"],
            env={**os.environ, **service.environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (left.returncode, left.stdout, left.stderr.splitlines()[-1:]) == (130, "", ["interrupted"])
        assert mjpipe("run", manifest, "--yes").code == 0
        assert (states(tmp_path, service), sorted((tmp_path / "out" / "birds").rglob("*.png"))) == ({"done": 3}, images)
        assert len(service.submitted) == 3


@pytest.mark.parametrize(
    ("loading", "said"), [("click", ""), ("mjpipe.cli.main", ""), ("mjpipe.cli.commands.plan", "\ninterrupted\n")]
)
def test_ctrl_c_while_the_program_loads_ends_it_without_a_traceback(loading: str, said: str) -> None:
    script = f"""
import signal, sys

class CtrlC:
    def find_spec(name, *_):
        if name == "{loading}":
            signal.raise_signal(signal.SIGINT)

sys.meta_path.insert(0, CtrlC)
from mjpipe.cli import main
main(["plan", "campaign.yaml"])
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "", said)
