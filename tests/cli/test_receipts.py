"""Receipts beside the manifest: on disk before each submission, whole after each end, and nothing for git to merge."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from mjpipe.ledger.receipts.reading import read_receipts
from tests.cli.in_process import InProcess
from tests.cli.program import Mjpipe, SandboxServer, wait_for_tasks
from tests.cli.scripted_service import THREE_BIRDS, Answer, ScriptedService, scripted_service


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    (tmp_path / "campaign.yaml").write_text(THREE_BIRDS)
    return tmp_path / "campaign.yaml"


def inside(service: ScriptedService) -> InProcess:
    return InProcess({**os.environ, **service.environment(), "NO_COLOR": "1"})


def lines(receipts: Path) -> list[dict[str, Any]]:
    read_receipts(receipts)
    return [json.loads(line) for path in sorted(receipts.glob("*.jsonl")) for line in path.read_text().splitlines()]


def events(receipts: Path) -> list[tuple[str, str]]:
    return sorted((line["key"], line["event"]) for line in lines(receipts))


WHOLE = sorted(
    (f"hero/{bird}", event)
    for bird in ("heron", "duck", "crane")
    for event in ("intent", "answered", "ended", "placed")
)


def test_the_line_of_an_intent_is_on_disk_when_the_submission_arrives(campaign: Path) -> None:
    receipts = campaign.with_name("campaign.receipts")
    unannounced: list[str] = []

    def look(asked: dict[str, Any], _: int) -> Answer | None:
        key = f"hero/{asked['prompt'].removeprefix('a ')}"
        if (key, "intent") not in events(receipts):
            unannounced.append(key)
        return None

    with scripted_service() as service:
        service.on_submit = look
        inside(service)("run", campaign, "--yes")
    assert unannounced == []
    assert len(service.submitted) == 3
    assert events(receipts) == WHOLE
    assert {(line["host"], line["campaign"]) for line in lines(receipts)} == {
        (service.base_url.removeprefix("http://").removesuffix("/api/v1"), "birds")
    }


def test_receipts_that_cannot_be_written_stop_a_run_before_it_submits(campaign: Path) -> None:
    receipts = campaign.with_name("campaign.receipts")
    text = campaign.read_text().replace("concurrency: 2", "concurrency: 1")
    campaign.write_text(text)

    def break_them(_: dict[str, Any], number: int) -> Answer | None:
        if number == 1:
            receipts.rename(receipts.with_name("away"))
            receipts.write_text("a file in the place of the folder")
        return None

    with scripted_service() as service:
        mjpipe = inside(service)
        service.on_submit = break_them
        said = mjpipe("run", campaign, "--yes", code=9)
        assert f"`{receipts}/" in said.err
        assert len(service.submitted) == 1
        plan = mjpipe.plan(campaign)
        receipts.unlink()
        receipts.with_name("away").rename(receipts)
        mjpipe("run", campaign, "--yes")
        assert len(service.submitted) == 3
    assert plan["jobs"]["in_doubt"] == 0
    # One intent was withdrawn; its receipts say so, and that it was sent later.
    assert {*events(receipts)} == {*WHOLE}


def test_a_run_that_is_killed_leaves_what_the_next_one_completes(
    paying: Mjpipe, sandbox_server: SandboxServer, campaign: Path
) -> None:
    receipts = campaign.with_name("campaign.receipts")
    process = paying.start("run", "campaign.yaml", "--yes")
    wait_for_tasks(sandbox_server, 2, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    left = events(receipts)
    assert left[0][1] == "intent"
    paying("run", "campaign.yaml", "--yes", code=None)
    paying("resolve", "campaign.yaml", code=None)
    assert {*left} < {*events(receipts)}
    tasks = {str(task["taskId"]) for task in sandbox_server.tasks()}
    assert {line["task"] for line in lines(receipts) if "task" in line} <= tasks


def test_what_a_state_can_no_longer_record_for_anybody_is_in_the_receipts(campaign: Path) -> None:
    receipts = campaign.with_name("campaign.receipts")

    def remove_the_state(_: dict[str, Any], number: int) -> Answer | None:
        if number == 2:
            shutil.rmtree(campaign.with_name(".mjpipe"))
        return None

    with scripted_service() as service:
        service.on_submit = remove_the_state
        inside(service)("run", campaign, "--yes", code=9)
    assert {line.get("task") for line in lines(receipts) if line["event"] == "answered"} == set(service.tasks)
    assert not campaign.with_name(".mjpipe").exists()


def test_receipts_none_writes_none_and_the_sandbox_writes_into_its_state(campaign: Path) -> None:
    with scripted_service() as service:
        campaign.write_text(f"{THREE_BIRDS}receipts: none\n")
        inside(service)("run", campaign, "--yes")
        assert not campaign.with_name("campaign.receipts").exists()
        campaign.write_text(f"{THREE_BIRDS}receipts: paid\n")
        inside(service)("run", campaign, "--yes")  # has nothing else to do
        assert events(campaign.with_name("paid")) == WHOLE


def git(folder: Path, *argv: str) -> str:
    names = {f"GIT_{who}_{what}": "a" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    environment = {**os.environ, **names, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *argv], cwd=folder, env=environment, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_receipts_of_two_clones_merge_without_a_merge_driver(tmp_path: Path) -> None:
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    with scripted_service() as service:
        mjpipe = inside(service)
        mjpipe("init", origin)
        (origin / "campaign.yaml").write_text(THREE_BIRDS)
        git(origin, "init", "-q", "-b", "main")
        git(origin, "add", ".")
        git(origin, "commit", "-qm", "a campaign")
        git(tmp_path, "clone", "-q", "origin", "clone")
        for folder, nodes in ((origin, "hero"), (clone, "cover")):
            (folder / "campaign.yaml").write_text(THREE_BIRDS.replace("hero:", f"{nodes}:"))
            mjpipe("run", folder / "campaign.yaml", "--yes")
            git(folder, "checkout", "-q", "campaign.yaml")
            git(folder, "add", ".")
            git(folder, "commit", "-qm", "receipts")
        git(clone, "pull", "-q", "--no-rebase", "--no-edit")
    assert git(clone, "status", "--porcelain") == ""
    receipts = clone / "campaign.receipts"
    assert [line["node"] for line in lines(receipts)].count("hero") == 12
    assert [line["node"] for line in lines(receipts)].count("cover") == 12
    assert git(clone, "check-attr", "eol", "text", "--", "campaign.receipts/x-1.jsonl").splitlines() == [
        "campaign.receipts/x-1.jsonl: eol: lf",
        "campaign.receipts/x-1.jsonl: text: set",
    ]
