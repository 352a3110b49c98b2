"""The program as a process, and what a sandbox server says of it."""

import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.cli.fork_server import run_forked

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples" / "manifests"
PIXELS = 64
"""The longer side of a sandbox's picture where nobody looks at it: drawn in a seventh of the time of a full one."""


@dataclass(frozen=True)
class Mjpipe:
    """The command `mjpipe`, run in a folder with an environment of its own."""

    folder: Path
    environment: Mapping[str, str]

    def __call__(self, *argv: str, code: int | None = 0) -> subprocess.CompletedProcess[str]:
        done = run_forked(argv, folder=self.folder, environment=self.environment, timeout=120)
        assert code is None or done.returncode == code, (done.returncode, done.stdout, done.stderr)
        return done

    def start(self, *argv: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "mjpipe", *argv],
            cwd=self.folder,
            env=dict(self.environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
        )

    def pointed_at(self, server: "SandboxServer") -> "Mjpipe":
        """The same with the sandbox server in the place of the service."""
        service = {"APIXO_BASE_URL": server.base_url, "APIXO_API_KEY": "a-key"}
        return Mjpipe(self.folder, {**self.environment, **service})


def take_until(process: subprocess.Popen[str], words: str) -> str:
    """What a process that was started says, up to a line that begins with these words."""
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if line.startswith(words):
            return said
    raise AssertionError(said)


@dataclass(frozen=True)
class SandboxServer:
    base_url: str

    @property
    def origin(self) -> str:
        return self.base_url.removesuffix("/api/v1")

    def tasks(self) -> list[dict[str, object]]:
        """The sandbox's own account: one entry for each accepted task."""
        tasks: list[dict[str, object]] = self._bill()["tasks"]
        return tasks

    def total_usd(self) -> str:
        return str(self._bill()["total_usd"])

    def _bill(self) -> Any:
        return asked(f"{self.origin}/sandbox/bill").json()


def asked(url: str, **more: Any) -> httpx.Response:
    """What loopback answers. No authority is loaded to verify it, which takes fifteen times as long as the answer."""
    return httpx.get(url, verify=False, **more)


def wait_for_tasks(server: SandboxServer, more: int, process: subprocess.Popen[str]) -> None:
    """Until the sandbox has accepted so many more tasks, or the process that submits them has ended."""
    wanted = len(server.tasks()) + more
    while process.poll() is None and len(server.tasks()) < wanted:
        time.sleep(0.03)


def holder_on_record(ledger: Path) -> int | None:
    """The process that holds a state, or held it when it was killed; None when there is none."""
    if not ledger.exists():
        return None
    with closing(sqlite3.connect(f"{ledger.absolute().as_uri()}?mode=ro", uri=True)) as connection:
        row = connection.execute("SELECT pid FROM holder").fetchone()
    return None if row is None else int(row[0])


@contextmanager
def sandbox_of(mjpipe: Mjpipe, *argv: str) -> Iterator[SandboxServer]:
    """`mjpipe sandbox` as a process of its own, 200 times faster than the documented latencies."""
    state = str(mjpipe.folder / "sandbox-state")
    process = mjpipe.start(
        "sandbox", "--port", "0", "--state", state, "--speed-up", "200", "--pixels", str(PIXELS), *argv
    )
    try:
        assert process.stdout is not None
        found = None
        while found is None:
            line = process.stdout.readline()  # ends with the process
            assert line, "the sandbox ended before it was up"
            found = re.search(r"APIXO_BASE_URL=(\S+)", line)
        yield SandboxServer(found.group(1))
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=120)
