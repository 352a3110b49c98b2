"""The program inside this process, for tests that need hundreds of whole runs."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from mjpipe.cli import main
from mjpipe.sandbox import Settings, start_sandbox
from tests.cli.program import PIXELS, SandboxServer

SPEED_UP = 5000.0
"""Half a minute takes six milliseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class InProcess:
    """`mjpipe` with an environment of its own; Ctrl-C and kills are for `Mjpipe`, which starts processes."""

    environment: Mapping[str, str]

    def __call__(self, *argv: object, code: int | None = 0) -> Output:
        exited: object = None
        with CliRunner(env=self.environment).isolation() as (out, err, _):
            try:
                main([*map(str, argv)])
            except SystemExit as done:
                exited = done.code
            said = Output(code=int(str(exited)), out=out.getvalue().decode(), err=err.getvalue().decode())
        assert code is None or said.code == code, said
        return said

    def plan(self, manifest: Path, *argv: object) -> dict[str, Any]:
        plan: dict[str, Any] = json.loads(self("plan", manifest, "--json", *argv).out)
        return plan


def at(server: SandboxServer) -> InProcess:
    """Pointed at a sandbox server as if it were the service."""
    service = {"APIXO_BASE_URL": server.base_url, "APIXO_API_KEY": "a-key"}
    return InProcess({**os.environ, **service, "NO_COLOR": "1", "PYTHONUNBUFFERED": "1"})


@contextmanager
def sandbox(
    state: Path,
    *,
    faults: Path | None = None,
    rules: Sequence[Mapping[str, object]] = (),
    speed_up: float = SPEED_UP,
    pixels: int = PIXELS,
) -> Iterator[SandboxServer]:
    """With the faults that a file or the `rules` describe."""
    if rules:
        state.mkdir(parents=True, exist_ok=True)
        faults = state / "faults.json"
        faults.write_text(json.dumps({"faults": 1, "rules": [*rules]}))
    settings = Settings(state=state, speed_up=speed_up, concurrency=None, faults=faults, pixels=pixels)
    with start_sandbox(settings) as running:
        yield SandboxServer(running.base_url)
