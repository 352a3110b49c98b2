"""The sandbox against the description of the service, by a tool that knows neither."""

import os
import re
import subprocess
import sys
from pathlib import Path

from mjpipe.sandbox import Settings, start_sandbox
from tests.service.description import PATH

KEY = "sk-door"


def test_no_request_meets_a_server_error_or_an_undocumented_answer(tmp_path: Path) -> None:
    # 5000 times faster than documented: a task is over before it is asked for, and its follow-ups are open.
    with start_sandbox(Settings(state=tmp_path / "sandbox", key=KEY, speed_up=5000, concurrency=None)) as sandbox:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", str(PATH)),
                *("--url", sandbox.base_url, "--header", f"Authorization: Bearer {KEY}"),
                *("--generation-deterministic", "--max-examples", "40", "--no-color"),
                # The service declines what is well formed, too: a taskId of nobody, a prompt of too many bytes.
                *("--exclude-checks", "positive_data_acceptance"),
            ],
            cwd=tmp_path,
            env={**os.environ, "COLUMNS": "120"},
            capture_output=True,
            text=True,
            timeout=300,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Selected: 3/3\n  Tested: 3\n" in done.stdout
    assert re.findall(r"✅ (Examples|Coverage|Fuzzing|Stateful)\n", done.stdout) == [
        "Examples",
        "Coverage",
        "Fuzzing",
        "Stateful",
    ]
