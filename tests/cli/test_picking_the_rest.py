"""A campaign can end: what nobody has picked is decided at once."""

import csv
import os
from pathlib import Path

import pytest

from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.program import SandboxServer

MANIFEST = """
mjpipe: 1
campaign: pots
inputs: {pots: {rows: [{sku: T-1}, {sku: T-2}, {sku: T-3}], key: sku}}
limits: {requests_per_second: 1000, budget: 20}
nodes:
  hero: {kind: generate, for_each: [pots], params: {prompt: "a teapot, {{ sku }}"}}
  other: {kind: vary, from: hero, images: pick, params: {type: 1}}
  final: {kind: upscale, from: hero, images: pick, params: {type: 0}}
"""


@pytest.fixture
def mjpipe(server: SandboxServer) -> InProcess:
    return at(server)


@pytest.fixture
def pots(tmp_path: Path, mjpipe: InProcess) -> Path:
    """All heroes are made; of one a person has picked for one consumer."""
    path = tmp_path / "pots.yaml"
    path.write_text(MANIFEST)
    mjpipe("run", path, code=5)
    mjpipe("pick", path, "hero/T-1", "2", "--node", "final")
    return path


def lines(path: Path) -> list[tuple[str, ...]]:
    with path.with_name("picks.csv").open(newline="") as file:
        return [(row["key"], row["node"], row["decision"], row["images"]) for row in csv.DictReader(file)]


def said(mjpipe: InProcess, *argv: object) -> list[str]:
    return mjpipe("pick", *argv).err.splitlines()


def test_the_first_image_of_each_is_picked_where_nobody_has_decided(mjpipe: InProcess, pots: Path) -> None:
    assert said(mjpipe, pots, "--rest", "first", "--note", "in a hurry")[:1] == [
        "picked 3 images, the first of each job"
    ]
    assert lines(pots) == [
        ("hero/T-1", "final", "pick", "2"),
        ("hero/T-1", "", "pick", "0"),
        ("hero/T-2", "", "pick", "0"),
        ("hero/T-3", "", "pick", "0"),
    ]
    plan = mjpipe.plan(pots)
    assert (plan["jobs"]["to_submit"], plan["jobs"]["unpicked"]) == (6, 0)
    mjpipe("run", pots)
    assert (pots.parent / "out" / "pots" / "final" / "T-1" / "2-0.png").is_file()
    assert said(mjpipe, pots, "--rest", "first") == ["nothing waits for a pick"]


def test_what_is_rejected_costs_nothing_and_the_campaign_ends(
    mjpipe: InProcess, server: SandboxServer, pots: Path
) -> None:
    mjpipe("run", pots, code=5)
    before = len(server.tasks())
    assert said(mjpipe, pots, "--rest", "reject") == [
        "rejected the images of 3 jobs",
        f"wrote {os.path.relpath(pots.with_name('picks.csv'))}",
        "next: run the campaign",
        f"mjpipe run {pots}",
    ]
    assert lines(pots)[1:] == [(f"hero/T-{number}", "", "reject", "") for number in (1, 2, 3)]
    mjpipe("run", pots)
    assert len(server.tasks()) == before


def test_one_node_may_be_decided_alone(mjpipe: InProcess, pots: Path) -> None:
    assert said(mjpipe, pots, "--rest", "reject", "--node", "final")[0] == "rejected the images of 2 jobs"
    assert lines(pots)[1:] == [(f"hero/T-{number}", "final", "reject", "") for number in (2, 3)]
    assert mjpipe.plan(pots)["jobs"]["unpicked"] == 3


def test_images_that_are_not_there_yet_are_not_decided_about(mjpipe: InProcess, pots: Path) -> None:
    text = pots.read_text().replace("{sku: T-3}", "{sku: T-3}, {sku: T-4}")
    pots.write_text(text)
    assert said(mjpipe, pots, "--rest", "first")[:2] == [
        "picked 3 images, the first of each job",
        "2 picks will be needed when more images are made",
    ]
    assert said(mjpipe, pots, "--rest", "reject")[:2] == [
        "no image that is there waits for a pick",
        "2 picks will be needed when more images are made",
    ]


def test_it_works_in_the_sandbox(mjpipe: InProcess, tmp_path: Path) -> None:
    path = tmp_path / "pots.yaml"
    path.write_text(MANIFEST.replace("requests_per_second: 1000,", "requests_per_second: 1000, concurrency: 50,"))
    mjpipe("run", path, "--sandbox", code=5)
    mjpipe("pick", path, "--sandbox", "--rest", "reject")
    mjpipe("run", path, "--sandbox")
    assert path.with_name("picks.sandbox.csv").is_file()
    assert not path.with_name("picks.csv").exists()


@pytest.mark.parametrize(
    ("argv", "says"),
    [
        (["hero/T-1", "--rest", "first"], "--rest decides for all jobs that nobody picked: it takes no KEY"),
        (["--rest", "first", "--reject"], "--rest decides for all jobs that nobody picked: it takes no KEY"),
        (["--rest", "first", "--node", "finale"], "there is no node `finale`"),
        ([], "give the KEY of a job, or --rest"),
    ],
)
def test_what_cannot_be_meant_is_refused(mjpipe: InProcess, pots: Path, argv: list[str], says: str) -> None:
    assert mjpipe("pick", pots, *argv, code=2).err.splitlines()[0] == f"error: {says}"


def test_a_job_without_images_says_why(tmp_path: Path) -> None:
    path = tmp_path / "pots.yaml"
    path.write_text(MANIFEST.replace("budget: 20", "budget: 0.40"))
    fails = {"at": "task", "do": "fail", "code": "Sensitive words", "prompt": "T-1"}
    with sandbox(tmp_path / "service", rules=[fails]) as server:
        mjpipe = at(server)
        mjpipe("run", path, code=None)
        refused = {key: mjpipe("pick", path, key, "0", code=2).err for key in ("hero/T-1", "hero/T-3", "final/T-3/?")}
    failed = refused.pop("hero/T-1").splitlines()
    assert failed[0].startswith("error: `hero/T-1` has no images to choose from: it failed: ")
    assert failed[1] == f"help: `mjpipe run {path} --retry-failed` tries again"
    assert refused == {
        "hero/T-3": "error: `hero/T-3` has no images to choose from: it is not made yet\n"
        f"help: `mjpipe run {path}` makes it\n",
        "final/T-3/?": "error: `final/T-3/?` has no images to choose from: it waits for a pick itself\n"
        f"help: mjpipe pick {path} hero/T-3 0\n",
    }
