"""A service that asks to wait for longer than a run does: who says until when, and how a person tries sooner."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from mjpipe.domain import clock_text
from tests.cli.in_process import InProcess
from tests.cli.scripted_service import THREE_BIRDS, Answer, ScriptedService, scripted_service

HOUR = timedelta(hours=1)


def closed_for_an_hour(_input: dict[str, Any], number: int) -> Answer | None:
    return Answer(status=429, headers={"Retry-After": "3600"}) if number > 1 else None


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    (tmp_path / "campaign.yaml").write_text(THREE_BIRDS)
    return tmp_path / "campaign.yaml"


def until_when(mjpipe: InProcess, campaign: Path) -> datetime:
    moment = json.loads(mjpipe("status", campaign, "--json").out)["closed_until"]
    return datetime.fromisoformat(moment)


def test_a_long_retry_after_ends_the_run_and_everybody_says_until_when(campaign: Path) -> None:
    with scripted_service() as service:
        mjpipe, began = inside(service), datetime.now(UTC)
        service.on_submit = closed_for_an_hour
        run = mjpipe("run", campaign, "--yes", code=1)
        moment = until_when(mjpipe, campaign)
        assert began + HOUR - timedelta(seconds=1) < moment <= datetime.now(UTC) + HOUR
        when = clock_text((moment + timedelta(seconds=1)).replace(microsecond=0).timestamp())
        waits = f"the service asked to wait until {when}: a run submits nothing before then, except with --now"
        next_step = f"next: continue after {when}, as the service asked; add --now to run at once"
        assert run.out.splitlines()[-2:] == [next_step, f"mjpipe run {campaign}"]
        assert "the service asked to wait for longer than a run does: nothing more is submitted" in run.err
        assert waits in mjpipe("plan", campaign).out
        assert waits in mjpipe("status", campaign).out
        assert datetime.fromisoformat(mjpipe.plan(campaign)["closed_until"]) == moment
        (ready, *_) = [key for key in ("hero/duck", "hero/crane") if is_ready(mjpipe, campaign, key)]
        assert (
            f"it waits until {when}, as the service asked; then it is submitted" in mjpipe("show", campaign, ready).out
        )


def test_a_run_before_that_ends_at_once_and_now_does_not_wait(campaign: Path) -> None:
    with scripted_service() as service:
        mjpipe = inside(service)
        service.on_submit = closed_for_an_hour
        mjpipe("run", campaign, "--yes", code=1)
        sent = len(service.submitted)
        service.on_submit = lambda _input, _number: None
        assert "next: continue after" in mjpipe("run", campaign, "--yes", code=1).out
        assert len(service.submitted) == sent
        mjpipe("run", campaign, "--yes", "--now")
        assert json.loads(mjpipe("status", campaign, "--json").out)["closed_until"] is None
        mjpipe("run", campaign, "--yes")
        assert len(service.tasks) == 3


def inside(service: ScriptedService) -> InProcess:
    return InProcess({**service.environment(), "NO_COLOR": "1", "COLUMNS": "300"})


def is_ready(mjpipe: InProcess, campaign: Path, key: str) -> bool:
    return bool(json.loads(mjpipe("show", campaign, key, "--json").out)["state"] == "ready")
