"""One campaign from end to end, as a user types it."""

import json
import shutil
import signal
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.cli.program import EXAMPLES, Mjpipe, SandboxServer, holder_on_record

QUICKSTART_TASKS = 30
QUICKSTART_USD = Decimal("8.00")


@pytest.fixture
def quickstart(mjpipe: Mjpipe) -> Path:
    """The example, with as many requests a second as the tests have patience for."""
    shutil.copy(EXAMPLES / "products.csv", mjpipe.folder)
    manifest = mjpipe.folder / "quickstart.yaml"
    text = (EXAMPLES / "quickstart.yaml").read_text()
    manifest.write_text(text.replace("limits:\n", "limits:\n  requests_per_second: 500\n"))
    return manifest


def until(happened: Callable[[], bool], seconds: float = 300) -> None:
    """Waits for what another process does."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def plan_of(mjpipe: Mjpipe, *argv: str) -> dict[str, Any]:
    plan: dict[str, Any] = json.loads(mjpipe("plan", "quickstart.yaml", "--json", *argv).stdout)
    return plan


def costs_of(folder: Path) -> dict[str, Any]:
    costs: dict[str, Any] = json.loads((folder / "report" / "costs.json").read_text())
    return costs


def test_the_sandbox_makes_the_whole_campaign_and_a_second_run_makes_nothing(mjpipe: Mjpipe, quickstart: Path) -> None:
    first = mjpipe("run", "quickstart.yaml", "--sandbox")
    outputs = quickstart.parent / "out" / "quickstart.sandbox"
    images = [json.loads(line) for line in (outputs / "assets.jsonl").read_text().splitlines()]
    assert len(images) == 15 * 4 + 15
    for image in images:
        with Image.open(outputs / image["path"]) as picture:
            picture.load()
    assert first.stdout.splitlines()[-1] == "all done"

    second = mjpipe("run", "quickstart.yaml", "--sandbox")
    assert "Plan: nothing to do, 30 done" in second.stderr
    costs = costs_of(outputs)
    assert (costs["totals"]["spent"], costs["last_run"]["spent"]) == ("8.00", "0.00")


def test_what_a_run_submits_and_spends_is_what_the_plan_said(
    paying: Mjpipe, sandbox_server: SandboxServer, quickstart: Path
) -> None:
    plan = plan_of(paying)
    paying("run", "quickstart.yaml", "--yes")
    assert len(sandbox_server.tasks()) == plan["jobs"]["to_submit"] == QUICKSTART_TASKS
    assert plan["cost"]["low_usd"] == plan["cost"]["high_usd"] == "8.00"
    assert Decimal(sandbox_server.total_usd()) == QUICKSTART_USD
    after = plan_of(paying)
    assert (after["jobs"]["to_submit"], after["jobs"]["done"]) == (0, QUICKSTART_TASKS)


def test_a_deleted_image_is_fetched_again_and_a_changed_path_moves_it(
    paying: Mjpipe, sandbox_server: SandboxServer, quickstart: Path
) -> None:
    paying("run", "quickstart.yaml", "--yes")
    outputs = quickstart.parent / "out" / "quickstart"
    image = outputs / "hero" / "T-01-studio-2.png"
    content = image.read_bytes()
    image.unlink()
    quickstart.write_text(quickstart.read_text().replace('"{{ node }}/{{ sku }}', '"renamed/{{ node }}/{{ sku }}'))
    again = paying("run", "quickstart.yaml", "--yes")
    assert "1 image is missing on disk" in again.stderr
    assert (outputs / "renamed" / "hero" / "T-01-studio-2.png").read_bytes() == content
    assert not list((outputs / "hero").glob("*.png"))
    assert len(sandbox_server.tasks()) == QUICKSTART_TASKS


def test_three_more_rows_cost_only_themselves(paying: Mjpipe, sandbox_server: SandboxServer, quickstart: Path) -> None:
    rows = (quickstart.parent / "products.csv").read_text().splitlines(keepends=True)
    (quickstart.parent / "products.csv").write_text("".join(rows[:3]))
    paying("run", "quickstart.yaml", "--yes")
    assert len(sandbox_server.tasks()) == 12
    (quickstart.parent / "products.csv").write_text("".join([rows[0], rows[5], rows[1], rows[2]]))
    plan = plan_of(paying)
    assert (plan["jobs"]["to_submit"], plan["jobs"]["done"]) == (6, 12)
    paying("run", "quickstart.yaml", "--yes")
    assert len(sandbox_server.tasks()) == 18


def test_a_budget_stops_before_the_first_task_that_does_not_fit(
    paying: Mjpipe, sandbox_server: SandboxServer, quickstart: Path
) -> None:
    stopped = paying("run", "quickstart.yaml", "--budget", "1.00", code=4)
    assert Decimal(sandbox_server.total_usd()) <= Decimal("1.00")
    assert "--budget" in stopped.stdout.splitlines()[-1]
    paying("run", "quickstart.yaml", "--yes")
    assert len(sandbox_server.tasks()) == QUICKSTART_TASKS


def test_without_a_terminal_a_run_needs_a_cap(paying: Mjpipe, sandbox_server: SandboxServer, quickstart: Path) -> None:
    quickstart.write_text(quickstart.read_text().replace("  budget: 10.00\n", ""))
    refused = paying("run", "quickstart.yaml", code=2)
    assert "no budget set" in refused.stderr
    assert sandbox_server.tasks() == []


def test_without_a_key_nothing_starts(mjpipe: Mjpipe, quickstart: Path) -> None:
    refused = mjpipe("run", "quickstart.yaml", "--yes", code=2)
    assert "APIXO_API_KEY" in refused.stderr
    assert not (quickstart.parent / ".mjpipe").exists()


def test_a_second_run_at_the_same_time_is_refused_and_names_the_first(paying: Mjpipe, quickstart: Path) -> None:
    first = paying.start("run", "quickstart.yaml", "--yes", "--concurrency", "1")  # so that it is still there
    ledger = quickstart.parent / ".mjpipe" / "quickstart" / "ledger.sqlite"
    until(lambda: holder_on_record(ledger) == first.pid)
    refused = paying("run", "quickstart.yaml", "--yes", code=None)
    first.send_signal(signal.SIGINT)
    output, _ = first.communicate(timeout=60)
    assert (refused.returncode, first.returncode) == (7, 130), output
    assert f"process {first.pid}" in refused.stderr


def test_ctrl_c_lets_what_is_in_flight_finish_and_the_next_run_carries_on(
    paying: Mjpipe, sandbox_server: SandboxServer, quickstart: Path
) -> None:
    run = paying.start("run", "quickstart.yaml", "--yes", "--concurrency", "2")
    until(lambda: len(sandbox_server.tasks()) >= 2)
    run.send_signal(signal.SIGINT)
    output, _ = run.communicate(timeout=60)
    assert run.returncode == 130, output
    status = json.loads(paying("status", "quickstart.yaml", "--json").stdout)
    assert status["jobs"]["submitted"] == status["jobs"]["submitting"] == 0
    assert status["jobs"]["done"] == len(sandbox_server.tasks())
    paying("run", "quickstart.yaml", "--yes")
    assert len(sandbox_server.tasks()) == QUICKSTART_TASKS


def test_show_prints_a_job_before_and_after_it_was_made(paying: Mjpipe, quickstart: Path) -> None:
    before = json.loads(paying("show", "quickstart.yaml", "hero/T-01/studio", "--json").stdout)
    assert before["state"] == "ready"
    paying("run", "quickstart.yaml", "--yes")
    after = json.loads(paying("show", "quickstart.yaml", "hero/T-01/studio", "--json").stdout)
    assert (after["state"], after["fingerprint"]) == ("done", before["fingerprint"])
    assert after["fingerprint_of"]["input"] == before["request"]
    assert before["fingerprint_of"].keys() == {"version", "node", "input", "source", "image"}
    unknown = paying("show", "quickstart.yaml", "hero/T-01/studo", code=2)
    assert "`hero/T-01/studio`" in unknown.stderr


def test_init_makes_a_campaign_that_is_valid_and_touches_nothing_that_is_there(mjpipe: Mjpipe) -> None:
    mjpipe("init", "teapots")
    mjpipe("validate", "teapots/campaign.yaml")
    assert "30 to submit" in mjpipe("plan", "teapots/campaign.yaml").stdout
    again = mjpipe("init", "teapots", code=2)
    assert "exists already" in again.stderr


def test_status_can_be_watched_while_a_run_goes_on(paying: Mjpipe, quickstart: Path) -> None:
    paying("run", "quickstart.yaml", "--yes", "--select", "hero")
    watching = paying.start("status", "quickstart.yaml", "--watch", "--json")
    assert watching.stdout is not None
    seen = [json.loads(watching.stdout.readline())["jobs"]["done"] for _ in range(2)]
    watching.send_signal(signal.SIGINT)
    watching.communicate(timeout=120)
    assert (seen, watching.returncode) == ([10, 10], 130)
