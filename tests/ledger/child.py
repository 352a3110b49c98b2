"""A process of its own, for what only a killed process can show."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def child(code: str, *argv: object) -> Iterator[subprocess.Popen[str]]:
    """Runs `code`; the block begins when it has printed its first line. Killed (SIGKILL) when the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, argv)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        said = process.stdout.readline()
        if not said:
            raise AssertionError(process.communicate()[1])
        yield process
    finally:
        kill(process)


def kill(process: subprocess.Popen[str]) -> None:
    """SIGKILL, and everything of the process is gone when this returns."""
    process.kill()
    process.communicate()
