"""The program as its users run it: real processes, a real sandbox on loopback or in the test's own process."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.in_process import sandbox
from tests.cli.program import Mjpipe, SandboxServer, sandbox_of


@pytest.fixture
def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("APIXO_")}
    return {**kept, "NO_COLOR": "1", "COLUMNS": "100", "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def mjpipe(tmp_path: Path, environment: dict[str, str]) -> Mjpipe:
    return Mjpipe(tmp_path, environment)


@pytest.fixture
def sandbox_server(mjpipe: Mjpipe) -> Iterator[SandboxServer]:
    """`mjpipe sandbox` as a process of its own, 200 times faster than the documented latencies."""
    with sandbox_of(mjpipe) as server:
        yield server


@pytest.fixture
def paying(mjpipe: Mjpipe, sandbox_server: SandboxServer) -> Mjpipe:
    """`mjpipe` pointed at the sandbox server as if it were the service."""
    return mjpipe.pointed_at(sandbox_server)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    """A sandbox in this process, for `at(server)`."""
    with sandbox(tmp_path / "service") as running:
        yield running
