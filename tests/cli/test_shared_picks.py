"""One picks file that two manifests or two clones read: nobody buys for a decision about somebody else's images."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.in_process import InProcess, at
from tests.cli.program import SandboxServer

CAMPAIGN = """
mjpipe: 1
campaign: {name}
inputs: {{products: {{rows: [{{sku: T-1, name: jug}}, {{sku: T-2, name: cup}}], key: sku}}}}
limits: {{budget: 50, requests_per_second: 1000}}
nodes:
  hero: {{kind: generate, for_each: [products], params: {{prompt: "a {{{{ name }}}} in look {name}"}}}}
  big: {{kind: upscale, from: hero, images: pick, params: {{type: 0}}}}
"""
LINE = "key,decision,images\nhero/T-1,pick,0\nhero/T-2,reject,\n"


@pytest.fixture
def mjpipe(server: SandboxServer) -> InProcess:
    return at(server)


def manifest(folder: Path, name: str) -> Path:
    (folder / f"{name}.yaml").write_text(CAMPAIGN.format(name=name))
    return folder / f"{name}.yaml"


def modes(server: SandboxServer) -> list[object]:
    return [task["mode"] for task in server.tasks()]


def status(mjpipe: InProcess, path: Path) -> Any:
    return json.loads(mjpipe("status", path, "--json").out)


def test_a_line_without_a_task_is_acted_on_by_the_first_of_two_manifests_that_reads_it(
    mjpipe: InProcess, server: SandboxServer, tmp_path: Path
) -> None:
    first, second = manifest(tmp_path, "first"), manifest(tmp_path, "second")
    for path in (first, second):
        mjpipe("run", path, code=5)
    (tmp_path / "picks.csv").write_text(LINE)
    mjpipe("run", first)
    written = (tmp_path / "picks.csv").read_text()
    mjpipe("run", second, code=5)
    assert modes(server) == ["text-to-image"] * 4 + ["upscale"]
    assert mjpipe.plan(second)["jobs"]["unpicked"] == 2
    assert (tmp_path / "picks.csv").read_text() == written

    # What was picked for one's images is not stale for the other, which must not be told to delete the lines.
    assert (status(mjpipe, first)["stale_picks"], status(mjpipe, second)["stale_picks"]) == ([], [])

    # Whoever picks for the other one adds lines, and both go by their own.
    mjpipe("pick", second, "hero/T-1", "3")
    mjpipe("pick", second, "hero/T-2", "--reject")
    mjpipe("run", second)
    mjpipe("run", first)
    assert modes(server) == ["text-to-image"] * 4 + ["upscale"] * 2


def test_a_line_without_a_task_names_it_after_a_run_and_the_rest_of_the_file_is_as_it_was(
    mjpipe: InProcess, tmp_path: Path
) -> None:
    path = manifest(tmp_path, "first")
    mjpipe("run", path, code=5)
    tasks = {
        key: json.loads(mjpipe("show", path, key, "--json").out)["attempts"][0]["taskId"]
        for key in ("hero/T-1", "hero/T-2")
    }
    before = '\ufeff# Monday\r\ndecision;key;note;images;task\r\npick;hero/T-1;"round; warm";0;\r\nreject;hero/T-2\r\n'
    (tmp_path / "picks.csv").write_bytes(before.encode())
    plan = mjpipe.plan(path)
    mjpipe("validate", path)
    mjpipe("plan", path, "--out", tmp_path / "saved.json")
    mjpipe("run", path, "--dry-run")
    assert (tmp_path / "picks.csv").read_bytes() == before.encode(), "nothing but a run writes"
    mjpipe("run", path, "--plan", tmp_path / "saved.json")
    after = before.replace(";0;\r\n", f";0;{tasks['hero/T-1']}\r\n").replace(
        "T-2\r\n", f"T-2;;;{tasks['hero/T-2']}\r\n"
    )
    assert (tmp_path / "picks.csv").read_bytes() == after.encode()
    assert (plan["jobs"]["to_submit"], mjpipe.plan(path)["jobs"]["to_submit"]) == (1, 0)


def test_a_clone_that_gets_the_file_does_not_act_on_lines_about_the_images_of_the_other(
    mjpipe: InProcess, server: SandboxServer, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    for folder in (here, there):
        folder.mkdir()
        text = CAMPAIGN.format(name="first") + "receipts: none\n"
        (folder / "first.yaml").write_text(text)
        mjpipe("run", folder / "first.yaml", code=5)
    (here / "picks.csv").write_text(LINE)
    mjpipe("run", here / "first.yaml")
    (there / "picks.csv").write_bytes((here / "picks.csv").read_bytes())  # as git brings it
    refused = mjpipe("run", there / "first.yaml", code=2)
    assert "error: 2 paid results ($0.40) are recorded in" in refused.err
    assert modes(server) == ["text-to-image"] * 4 + ["upscale"]


def test_a_picks_file_that_cannot_be_written_is_read_all_the_same(
    mjpipe: InProcess, server: SandboxServer, tmp_path: Path
) -> None:
    path = manifest(tmp_path, "first")
    mjpipe("run", path, code=5)
    (tmp_path / "picks.csv").write_text(LINE)
    (tmp_path / ".picks.csv.part").mkdir()  # stands in the way of a new version
    ran = mjpipe("run", path)
    assert "picks.csv` cannot be written: " in ran.err
    assert "which images its lines are about is remembered in the state alone" in ran.err
    assert (tmp_path / "picks.csv").read_text() == LINE
    (tmp_path / ".picks.csv.part").rmdir()
    assert "cannot be written" not in mjpipe("run", path).err
    assert (tmp_path / "picks.csv").read_text().startswith("key,decision,images,task\nhero/T-1,pick,0,")
    assert modes(server) == ["text-to-image"] * 2 + ["upscale"]


def test_validate_warns_of_no_line_that_a_plan_accepts(mjpipe: InProcess, tmp_path: Path) -> None:
    """Lines for a node that had another name, for follow-ups, and for a row that had another key."""
    path = manifest(tmp_path, "first")
    text = path.read_text() + "  wide: {kind: upscale, from: other, images: pick, params: {type: 0}}\n"
    text += "  other: {kind: vary, from: hero, images: pick, params: {type: 1}}\n"
    path.write_text(text)
    mjpipe("run", path, code=5)
    (tmp_path / ".picks.csv.part").mkdir()  # so that the lines stay without their tasks
    (tmp_path / "picks.csv").write_text("key,node,decision,images\nhero/T-1,other,pick,0\nhero/T-2,,reject,\n")
    mjpipe("run", path, code=5)
    with (tmp_path / "picks.csv").open("a") as file:
        file.write("other/T-1/0,,pick,0 1\nhreo/T-1,,reject,\n")
    mjpipe("run", path, code=5)
    path.write_text(text.replace("  hero:", "  lead:").replace("from: hero", "from: lead").replace("T-2", "T-02"))
    path.write_text(path.read_text().replace("lead: {kind", "lead: {was: hero, kind"))
    warned = [
        [line for line in mjpipe(command, path).err.splitlines() if "warning[" in line]
        for command in ("plan", "validate")
    ]
    assert warned[0] == warned[1]
    assert [line.partition("warning")[2] for line in warned[0]] == ["[MJ092]: no job has the key `hreo/T-1`"]


def test_a_line_counts_for_a_renamed_row_also_once_its_task_was_written_into_it(
    mjpipe: InProcess, server: SandboxServer, tmp_path: Path
) -> None:
    path = manifest(tmp_path, "first")
    mjpipe("run", path, code=5)
    (tmp_path / "picks.csv").write_text(LINE)
    (tmp_path / ".picks.csv.part").mkdir()  # so that the lines stay without their tasks
    mjpipe("run", path)
    path.write_text(path.read_text().replace("T-1", "T-01"))
    (tmp_path / ".picks.csv.part").rmdir()
    mjpipe("run", path)
    assert "\nhero/T-1,pick,0,task_" in (tmp_path / "picks.csv").read_text()
    jobs = mjpipe.plan(path)["jobs"]
    assert (jobs["done"], jobs["unpicked"], jobs["to_submit"]) == (3, 0, 0)
    assert modes(server) == ["text-to-image"] * 2 + ["upscale"]


def test_a_reroll_of_a_row_that_was_renamed_is_adopted_from_receipts_and_not_paid_again(
    mjpipe: InProcess, server: SandboxServer, tmp_path: Path
) -> None:
    """The receipts have the first task under the first name, and the reroll, whose images were moved, under both."""
    path = manifest(tmp_path, "first")
    mjpipe("run", path, code=5)
    mjpipe("pick", path, "hero/T-1", "--reroll")
    mjpipe("run", path, code=5)
    path.write_text(path.read_text().replace("T-1", "T-01"))
    mjpipe("run", path, code=5)
    (tmp_path / ".mjpipe" / "first" / "ledger.sqlite").unlink()
    assert mjpipe("adopt", path).out == "adopted 3 attempts ($0.60): 2 done, 1 beside another result\n"
    jobs = mjpipe.plan(path)["jobs"]
    assert (jobs["done"], jobs["unpicked"], jobs["to_submit"]) == (2, 2, 0)
    assert modes(server) == ["text-to-image"] * 2 + ["reroll"]
