"""Images that did not come: the plan says of them what the run does."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import SandboxServer

MANIFEST = """
mjpipe: 1
campaign: few
inputs: {rows: {rows: [{name: heron}, {name: duck}], key: name}}
nodes:
  hero: {kind: generate, for_each: [rows], params: {prompt: "a {{ name }}", speed: fast}}
  large: {kind: upscale, from: hero, images: IMAGES, params: {type: 0}}
outputs: {dir: out, path: "{{ node }}/{{ key }}-{{ image }}.{{ ext }}"}
"""
FAULTS = "faults: 1\nrules: [{at: task, do: fewer_images, images: 2, mode: text-to-image}]"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[SandboxServer]:
    """Its generations bring two images instead of four."""
    (tmp_path / "faults.yaml").write_text(FAULTS)
    with sandbox(tmp_path / "sandbox", faults=tmp_path / "faults.yaml") as running:
        yield running


@pytest.fixture
def mjpipe(server: SandboxServer) -> InProcess:
    return at(server)


def written(folder: Path, images: str) -> Path:
    path = folder / "few.yaml"
    path.write_text(MANIFEST.replace("IMAGES", images))
    return path


def test_a_node_added_after_the_run_is_planned_for_the_images_that_came(
    mjpipe: InProcess, server: SandboxServer, tmp_path: Path
) -> None:
    alone = written(tmp_path, "[0]")
    mjpipe("run", alone, "--yes", "--select", "hero")
    manifest = written(tmp_path, "[1, 3]")
    plan = mjpipe.plan(manifest)
    assert (plan["jobs"]["to_submit"], plan["jobs"]["skipped"], plan["cost"]["high_usd"]) == (2, 2, "0.60")
    mjpipe("run", manifest, "--yes", code=1)
    assert [task["mode"] for task in server.tasks()].count("upscale") == 2
    assert mjpipe.plan(manifest)["jobs"]["skipped"] == 2


def test_a_picked_image_that_did_not_come_is_skipped_and_one_that_cannot_come_is_a_mistake(
    mjpipe: InProcess, tmp_path: Path
) -> None:
    manifest = written(tmp_path, "pick")
    mjpipe("run", manifest, "--yes", code=5)
    picks = tmp_path / "picks.csv"
    picks.write_text("key,decision,images\nhero/heron,pick,1 3\n")
    plan = mjpipe.plan(manifest)
    assert (plan["jobs"]["to_submit"], plan["jobs"]["skipped"]) == (1, 1)
    picks.write_text("key,decision,images\nhero/heron,pick,9\n")
    refused = mjpipe("plan", manifest, code=2).err
    assert "picks.csv:2:1: error[MJ093]: `hero/heron` has no image 9" in refused
    assert "help: its images count from 0: 0 1" in refused
