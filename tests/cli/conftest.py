"""The program as its users run it: real processes, a real sandbox on loopback."""

import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.program import Mjpipe, SandboxServer


@pytest.fixture
def environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("APIXO_")}
    return {**kept, "NO_COLOR": "1", "COLUMNS": "100", "PYTHONUNBUFFERED": "1"}


@pytest.fixture
def mjpipe(tmp_path: Path, environment: dict[str, str]) -> Mjpipe:
    return Mjpipe(tmp_path, environment)


@pytest.fixture
def sandbox_server(tmp_path: Path, environment: dict[str, str]) -> Iterator[SandboxServer]:
    """`mjpipe sandbox` as a process of its own, 200 times faster than the documented latencies."""
    argv = ["sandbox", "--port", "0", "--state", str(tmp_path / "sandbox-state"), "--speed-up", "200"]
    process = Mjpipe(tmp_path, environment).start(*argv)
    assert process.stdout is not None
    found = None
    while found is None:
        line = process.stdout.readline()  # ends with the process
        assert line, "the sandbox ended before it was up"
        found = re.search(r"APIXO_BASE_URL=(\S+)", line)
    try:
        yield SandboxServer(found.group(1))
    finally:
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=20)


@pytest.fixture
def paying(mjpipe: Mjpipe, sandbox_server: SandboxServer) -> Mjpipe:
    """`mjpipe` pointed at the sandbox server as if it were the service."""
    service = {"APIXO_BASE_URL": sandbox_server.base_url, "APIXO_API_KEY": "a-key"}
    return Mjpipe(mjpipe.folder, {**mjpipe.environment, **service})
