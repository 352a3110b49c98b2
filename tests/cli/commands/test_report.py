"""Reports as a person gets them: after a run, after another that has nothing to do, and when asked for."""

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.program import EXAMPLES, Mjpipe

TABLES = ["assets.jsonl", "report/costs.csv"]


@pytest.fixture
def outputs(mjpipe: Mjpipe) -> Path:
    """Of the quickstart, which has run in the sandbox."""
    for name in ("quickstart.yaml", "products.csv"):
        shutil.copy(EXAMPLES / name, mjpipe.folder)
    mjpipe("run", "quickstart.yaml", "--sandbox", "--sample", "1")
    return mjpipe.folder / "out" / "quickstart.sandbox"


def files(outputs: Path) -> list[tuple[int, int]]:
    """Which files the tables are."""
    return [(found.st_ino, found.st_mtime_ns) for found in ((outputs / name).stat() for name in TABLES)]


def test_a_run_that_has_nothing_to_do_leaves_the_tables_alone_and_says_what_it_reused(
    mjpipe: Mjpipe, outputs: Path
) -> None:
    before = files(outputs)
    again = mjpipe("run", "quickstart.yaml", "--sandbox", "--sample", "1")
    assert files(outputs) == before
    costs = json.loads((outputs / "report" / "costs.json").read_text("utf-8"))
    spent = costs["totals"]["spent"]
    assert (costs["last_run"]["attempts"], costs["last_run"]["spent"], costs["totals"]["reused"]) == (0, "0.00", spent)
    assert f"  reused   ${spent}  paid before the last run, not paid again\n" in again.stdout


def test_the_report_says_what_the_run_said(mjpipe: Mjpipe, outputs: Path) -> None:
    run = mjpipe("run", "quickstart.yaml", "--sandbox", "--sample", "2")
    before = {path: path.read_bytes() for path in outputs.rglob("*.[cj]s*") if path.is_file()}
    report = mjpipe("report", "quickstart.yaml", "--sandbox")
    assert {path: path.read_bytes() for path in before} == before
    assert run.stdout.startswith(report.stdout)
    assert json.loads((outputs / "report" / "costs.json").read_text("utf-8"))["last_run"]["attempts"] > 0


def test_the_report_is_written_again_also_when_nothing_has_changed(mjpipe: Mjpipe, outputs: Path) -> None:
    before = files(outputs)
    mjpipe("report", "quickstart.yaml", "--sandbox")
    assert not set(before) & set(files(outputs))


def test_what_a_person_removes_is_not_in_the_next_reports(mjpipe: Mjpipe, outputs: Path) -> None:
    manifest = mjpipe.folder / "quickstart.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace(" teapot, ", " kettle, "), "utf-8")
    mjpipe("run", "quickstart.yaml", "--sandbox", "--sample", "1")
    orphans = [line["orphan"] for line in assets(outputs)]
    assert (orphans.count(True), orphans.count(False)) == (len(orphans) // 2, len(orphans) // 2)
    mjpipe("prune", "quickstart.yaml", "--sandbox", "--yes")
    mjpipe("run", "quickstart.yaml", "--sandbox", "--sample", "1")
    assert [line["orphan"] for line in assets(outputs)] == [False] * (len(orphans) // 2)


def assets(outputs: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (outputs / "assets.jsonl").read_text("utf-8").splitlines()]


def test_images_are_reported_where_they_are_until_a_run_moves_them(mjpipe: Mjpipe, outputs: Path) -> None:
    manifest = mjpipe.folder / "quickstart.yaml"
    manifest.write_text(manifest.read_text("utf-8").replace("outputs:\n", "outputs:\n  dir: elsewhere\n"), "utf-8")
    key = str(assets(outputs)[0]["key"])
    still = "note: images are still in out/quickstart.sandbox; `mjpipe run quickstart.yaml --sandbox` moves them\n"
    assert still in mjpipe("report", "quickstart.yaml", "--sandbox").stderr
    assert f"{outputs}/hero/" in mjpipe("show", "quickstart.yaml", key, "--sandbox").stdout
    assert still not in mjpipe("run", "quickstart.yaml", "--sandbox", "--sample", "1").stderr
    assert f"{mjpipe.folder}/elsewhere.sandbox/hero/" in mjpipe("show", "quickstart.yaml", key, "--sandbox").stdout
