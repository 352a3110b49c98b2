"""Nothing is billed beyond the budget, whatever the service does, a person edits, and however runs end."""

import json
import signal
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.cli.exit_codes import ExitCode
from mjpipe.ledger import Ledger
from tests.cli.in_process import at, sandbox
from tests.cli.program import Mjpipe, SandboxServer, wait_for_tasks
from tests.cli.studio import whole_runs
from tests.cli.teapots import Teapots

RULES: tuple[dict[str, Any], ...] = (
    {"at": "submit", "do": "answer", "status": 429, "retry_after": 0.05},
    {"at": "submit", "do": "answer", "status": 500},
    {"at": "submit", "do": "answer", "status": 400},
    {"at": "submit", "do": "answer", "status": 504, "accepted": True},
    {"at": "submit", "do": "answer", "status": 504, "accepted": False},
    {"at": "submit", "do": "html", "status": 502, "accepted": True},
    {"at": "submit", "do": "envelope", "code": 503},
    {"at": "submit", "do": "broken_json"},
    {"at": "submit", "do": "cut"},
    {"at": "status", "do": "answer", "status": 404},
    {"at": "status", "do": "unknown_state"},
    {"at": "task", "do": "fail", "code": "Task TimeOut"},
    {"at": "task", "do": "fail", "code": "PromptInvalid"},
    {"at": "task", "do": "fewer_images", "images": 1},
    {"at": "task", "do": "no_result"},
    {"at": "task", "do": "slow", "factor": 5000},
    {"at": "image", "do": "truncated"},
)
ENDS = ("by itself", "by itself", "killed", "interrupted")


@st.composite
def storms(draw: st.DrawFn) -> dict[str, Any]:
    """Faults that strike now and then, each with its own chance."""
    rules = draw(st.lists(st.sampled_from(RULES), min_size=1, max_size=5, unique_by=str))
    chances = [draw(st.sampled_from([0.1, 0.3, 0.6])) for _ in rules]
    return {
        "faults": 1,
        "seed": draw(st.integers(0, 99)),
        "rules": [{**rule, "chance": chance} for rule, chance in zip(rules, chances, strict=True)],
    }


def committed(folder: Path) -> Decimal:
    """Spent, reserved and at risk by the campaign's ledger."""
    file = folder / ".mjpipe" / "teapots" / "ledger.sqlite"
    if not file.exists():
        return Decimal()
    with closing(Ledger.open(file)) as ledger:
        return ledger.balance().committed


def carry_out(server: SandboxServer, manifest: Path, budget: Decimal, end: str, tasks: int) -> None:
    argv = ("run", str(manifest), "--budget", str(budget), "--yes")
    program = at(server)
    if end == "by itself":
        ended = program(*argv, code=None)
        assert ended.code in (ExitCode.DONE, ExitCode.UNFINISHED, ExitCode.NO_MONEY, ExitCode.IN_DOUBT), ended
        return
    process = Mjpipe(manifest.parent, program.environment).start(*argv)
    try:
        wait_for_tasks(server, tasks, process)
        process.send_signal(signal.SIGKILL if end == "killed" else signal.SIGINT)
        process.communicate(timeout=120)
    finally:
        process.kill()
        process.wait()


@given(storm=storms(), data=st.data())
@whole_runs(6)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # connections that the sandbox cut
def test_nothing_is_billed_beyond_the_budget(
    tmp_path_factory: pytest.TempPathFactory, storm: dict[str, Any], data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("campaign")
    (folder / "faults.yaml").write_text(json.dumps(storm))
    teapots = Teapots(
        rows=(("A", "heron"), ("B", "crane")),
        take=data.draw(st.integers(1, 2)),
        patience=2,
        hand=data.draw(st.integers(0, 99)),
    )
    with sandbox(folder / "service", faults=folder / "faults.yaml") as server:
        for _ in range(data.draw(st.integers(2, 4), label="runs")):
            teapots = data.draw(st.sampled_from([teapots, *edits(teapots)]))
            budget = Decimal(data.draw(st.integers(0, 40), label="budget")) / 10
            end = data.draw(st.sampled_from(ENDS))
            before = committed(folder)
            tasks = data.draw(st.integers(0, 5), label="tasks") if end != "by itself" else 0
            carry_out(server, teapots.write(folder), budget, end, tasks)
            after = committed(folder)
            assert after <= max(before, budget)
            assert Decimal(server.total_usd()) <= after


def edits(teapots: Teapots) -> list[Teapots]:
    return [
        replace(teapots, light="cold"),
        replace(teapots, rows=(("A", "duck"), *teapots.rows[1:])),
        replace(teapots, crops=(1, 3)),
        replace(teapots, take=3),
    ]
