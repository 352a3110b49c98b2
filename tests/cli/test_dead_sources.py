"""What is sent by URL: images that the service cannot read, and what a retry does about it."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.in_process import InProcess
from tests.cli.scripted_service import Answer, ScriptedService, failed, scripted_service

SHEET = """
mjpipe: 1
campaign: sheet
limits: {requests_per_second: 1000}
polling: {first_after: 0.01, interval: 0.01}
nodes:
  hero: {kind: generate, params: {prompt: "a teapot"}}
  warm: {kind: edit, from: hero, images: [1], params: {prompt: "warmer"}}
"""
OWN = """
mjpipe: 1
campaign: own
limits: {requests_per_second: 1000}
polling: {first_after: 0.01, interval: 0.01}
nodes:
  warm: {kind: edit, params: {prompt: "warmer", image_urls: ["https://example.com/a.jpg"]}}
"""


def cannot_read(service: ScriptedService) -> Callable[[str], Answer | None]:
    """Of edits alone."""
    return lambda task: (
        failed(task, "Upload error") if "image_urls" in service.submitted[int(task.removeprefix("task_")) - 1] else None
    )


def inside(service: ScriptedService) -> InProcess:
    return InProcess({**service.environment(), "NO_COLOR": "1", "COLUMNS": "200"})


def at_risk(mjpipe: InProcess, campaign: Path) -> str:
    return str(json.loads(mjpipe("status", campaign, "--json").out)["money"]["at_risk"])


def test_a_retry_looks_for_the_image_and_sends_nothing_when_it_is_gone(tmp_path: Path) -> None:
    campaign = tmp_path / "campaign.yaml"
    campaign.write_text(SHEET)
    with scripted_service() as service:
        service.on_status = cannot_read(service)
        mjpipe = inside(service)
        mjpipe("run", campaign, "--yes", code=1)
        assert (len(service.submitted), at_risk(mjpipe, campaign)) == (2, "0.30")
        service.gone = ("task_1/1.png",)
        digest = mjpipe("run", campaign, "--yes", "--retry-failed", code=1).out
        assert (len(service.submitted), at_risk(mjpipe, campaign)) == (2, "0.30")
        assert "image 1 of `hero`, which it starts from, is gone: its URL gives no image any more; nothing" in digest
        assert (
            f"help: make its source again (`mjpipe pick {campaign} --reroll` with the key of the source)"
            in " ".join(digest.split())
        )
        shown = " ".join(mjpipe("show", campaign, "warm/1").out.split())
        assert f"`mjpipe run {campaign} --retry-failed` submits it if its source image is there by then" in shown
        service.gone, service.on_status = (), lambda _task: None
        mjpipe("run", campaign, "--yes", "--retry-failed")
        assert len(service.tasks) == 3


@pytest.mark.parametrize("manifest", [SHEET, OWN], ids=["a source", "the user's own URL"])
def test_the_digest_says_what_a_retry_puts_at_risk(tmp_path: Path, manifest: str) -> None:
    campaign = tmp_path / "campaign.yaml"
    campaign.write_text(manifest)
    with scripted_service() as service:
        service.on_status = cannot_read(service)
        lines = [line.strip() for line in inside(service)("run", campaign, "--yes", code=1).out.splitlines()]
    start = lines.index("at risk: $0.30")
    assert lines[start + 1 : start + 3] == [
        "--retry-failed submits again: $0.30 more at risk",
        "help: use a public direct URL of a JPEG, PNG or WebP under 10 MB",
    ]
