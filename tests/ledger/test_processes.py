"""Whether a process that is on record still lives."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from mjpipe.ledger import Process, this_process
from mjpipe.ledger.processes import may_live, started_in, started_of

HERE = Process(host="studio", boot="boot-1", pid=7, started="100")
THERE = replace(HERE, host="elsewhere")

STAT = b"4711 (a (very) odd) S name) R 1 4711 4711 0 -1 4194560 1 0 0 0 1 0 0 0 20 0 1 0 8675309 10 20 30"


@pytest.mark.parametrize(
    ("process", "started", "since_sign", "lives"),
    [
        (HERE, "100", 9999.0, True),
        (HERE, "200", 0.0, False),  # another has its pid now
        (HERE, None, 0.0, False),
        (HERE, "", 0.0, True),  # the system does not say when that process began
        (replace(HERE, started=""), "100", 0.0, True),
        (replace(HERE, boot="boot-0"), "100", 0.0, False),
        (THERE, None, 59.0, True),
        (THERE, "100", 61.0, False),
        (THERE, None, -59.0, True),  # its clock is ahead
        (THERE, None, -61.0, False),
    ],
)
def test_a_process_counts_as_alive_until_something_shows_that_it_is_not(
    process: Process, started: str | None, since_sign: float, *, lives: bool
) -> None:
    assert may_live(process, here=HERE, started=started, since_sign=since_sign) is lives


def test_the_start_is_read_behind_a_name_with_brackets_and_spaces() -> None:
    assert started_in(STAT) == "8675309"


@pytest.mark.parametrize("state", [b"Z", b"X"])
def test_a_process_that_has_ended_and_was_not_waited_for_is_none(state: bytes) -> None:
    assert started_in(STAT.replace(b") R ", b") " + state + b" ")) is None


def test_this_process_lives_and_one_that_was_killed_does_not_even_before_anybody_waits_for_it() -> None:
    me = this_process()
    assert (me.pid, started_of(me.pid)) == (os.getpid(), me.started)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        assert started_of(other.pid) is not None
        other.kill()
        if Path("/proc/self/stat").exists():
            os.waitid(os.P_PID, other.pid, os.WEXITED | os.WNOWAIT)
            assert started_of(other.pid) is None
        other.wait()
        assert started_of(other.pid) is None
