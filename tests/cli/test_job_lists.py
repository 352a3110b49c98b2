"""`plan --jobs`: which jobs a plan makes, waits with, or leaves behind, and what changed in each."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mjpipe.domain import bundled_folder
from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.in_terminal import in_terminal
from tests.cli.program import Mjpipe

BIRDS = """\
mjpipe: 1
campaign: birds
inputs: {birds: {csv: birds.csv, key: name}}
limits: {requests_per_second: 1000}
nodes:
  hero:
    kind: generate
    for_each: [birds]
    params: {prompt: "a {{ colour }} {{ name }}, studio photograph", speed: fast}
  large: {kind: upscale, from: hero, images: pick, params: {type: 0}}
"""
ROWS = "name,colour\nheron,grey\nduck,white\nswan,black\n"
FAULTS = """\
faults: 1
rules: [{at: task, do: fail, code: PromptInvalid, mode: text-to-image, nth: 3}]
"""


@pytest.fixture
def made(tmp_path: Path) -> Iterator[tuple[InProcess, Path]]:
    """A campaign whose third job has failed; the others wait for picks. Its files are edited then."""
    folder = tmp_path / "birds"
    folder.mkdir()
    manifest = folder / "campaign.yaml"
    manifest.write_text(BIRDS)
    (folder / "birds.csv").write_text(ROWS)
    (tmp_path / "faults.yaml").write_text(FAULTS)
    with sandbox(tmp_path / "service", faults=tmp_path / "faults.yaml") as server:
        mjpipe = at(server)
        mjpipe("run", manifest, "--yes", "--concurrency", "1", code=1)
        yield mjpipe, manifest


def listed(mjpipe: InProcess, manifest: Path, *argv: str) -> list[str]:
    """The lines of the list, without the plan below it."""
    lines = mjpipe("plan", manifest, *argv).out.splitlines()
    return lines[: lines.index("")]


def edit(manifest: Path) -> None:
    manifest.write_text(BIRDS.replace("studio photograph", "watercolour"))
    (manifest.parent / "birds.csv").write_text(ROWS.replace("swan,black\n", "crane,red\n"))


def test_of_a_campaign_that_has_not_run_all_jobs_are_new(tmp_path: Path) -> None:
    (tmp_path / "campaign.yaml").write_text(BIRDS)
    (tmp_path / "birds.csv").write_text(ROWS)
    assert listed(InProcess(os.environ), tmp_path / "campaign.yaml", "--jobs") == [
        "hero/heron     $0.20  new",
        "large/heron/?  $0.00 to $1.20  waits for a pick of `hero/heron`",
        "hero/duck      $0.20  new",
        "large/duck/?   $0.00 to $1.20  waits for a pick of `hero/duck`",
        "hero/swan      $0.20  new",
        "large/swan/?   $0.00 to $1.20  waits for a pick of `hero/swan`",
        "6 jobs: 3 new, 3 waiting",
    ]


def test_what_is_made_is_not_listed_and_what_failed_says_why(made: tuple[InProcess, Path]) -> None:
    mjpipe, manifest = made
    assert listed(mjpipe, manifest, "--jobs=failed") == [
        "hero/swan  $0.20  failed: the provider rejected the prompt: PromptInvalid, by",
        "    the faults file",
        "1 job: 1 failed",
    ]
    assert listed(mjpipe, manifest, "--jobs=waiting") == [
        "large/heron/?  $0.00 to $1.20  waits for a pick of `hero/heron`",
        "large/duck/?   $0.00 to $1.20  waits for a pick of `hero/duck`",
        "large/swan/?   $0.00 to $1.20  behind `hero/swan`, which has failed",
        "3 jobs: 3 waiting",
    ]
    assert listed(mjpipe, manifest, "--jobs=new") == ["no jobs are new"]
    assert listed(mjpipe, manifest, "--jobs")[-1] == "4 jobs: 3 waiting, 1 failed"


def test_a_changed_job_shows_its_texts_where_they_differ_and_an_orphan_what_it_cost(
    made: tuple[InProcess, Path],
) -> None:
    mjpipe, manifest = made
    edit(manifest)
    assert listed(mjpipe, manifest, "--jobs=changed") == [
        "hero/heron  $0.20  changed prompt",
        "  - prompt: a grey heron, studio photograph",
        "  + prompt: a grey heron, watercolour",
        "hero/duck   $0.20  changed prompt, like `hero/heron`",
        "2 jobs: 2 changed",
    ]
    text = mjpipe("plan", manifest, "--markdown", "--jobs=changed").out
    assert "| `hero/duck` | $0.20 | changed prompt, like `hero/heron` |" in text
    assert listed(mjpipe, manifest, "--jobs=new") == ["hero/crane  $0.20  new", "1 job: 1 new"]
    assert listed(mjpipe, manifest, "--jobs=orphans") == [
        "hero/heron  paid $0.20  no longer in the manifest",
        "hero/duck   paid $0.20  no longer in the manifest",
        "2 jobs: 2 no longer in the manifest",
    ]


def test_each_way_in_which_jobs_changed_is_shown_once(made: tuple[InProcess, Path]) -> None:
    mjpipe, manifest = made
    manifest.write_text(BIRDS.replace("a {{ colour }} {{ name }}, studio", "a {{ name }}, {{ colour }}, warm studio"))
    assert listed(mjpipe, manifest, "--jobs=changed", "--exclude", "name=swan") == [
        "hero/heron  $0.20  changed prompt",
        "  - prompt: a grey heron, studio photograph",
        "  + prompt: a heron, grey, warm studio photograph",
        "hero/duck   $0.20  changed prompt",
        "  - prompt: a white duck, studio photograph",
        "  + prompt: a duck, white, warm studio photograph",
        "2 jobs: 2 changed",
    ]


def test_a_run_that_was_stopped_does_not_hide_what_changed(made: tuple[InProcess, Path]) -> None:
    """A job that is on record, and not sent, has the new request there."""
    mjpipe, manifest = made
    edit(manifest)
    before = listed(mjpipe, manifest, "--jobs=changed")
    mjpipe("run", manifest, "--yes", "--select", "state:skipped", code=None)
    assert listed(mjpipe, manifest, "--jobs=changed") == before


def test_other_params_are_compared_too(made: tuple[InProcess, Path]) -> None:
    mjpipe, manifest = made
    manifest.write_text(BIRDS.replace("speed: fast", "stylization: 50, speed: draft, version: 7"))
    assert listed(mjpipe, manifest, "--jobs", "changed", "--select", "hero/duck") == [
        "hero/duck  $0.10  changed speed and stylization and version",
        "  - speed: fast",
        "  + speed: draft",
        "  - version: (not given)",
        "  + version: 7",
        "  - stylization: (not given)",
        "  + stylization: 50",
        "1 job: 1 changed",
    ]


def test_the_document_has_the_jobs_with_whole_texts(made: tuple[InProcess, Path]) -> None:
    mjpipe, manifest = made
    edit(manifest)
    document: dict[str, Any] = json.loads(mjpipe("plan", "--json", "--jobs", manifest).out)
    Draft202012Validator(json.loads((bundled_folder("schemas") / "plan.schema.json").read_text())).validate(document)
    jobs = document["job_list"]
    assert [job["list"] for job in jobs].count("orphans") == 2
    assert jobs[0] == {
        "key": "hero/heron",
        "node": "hero",
        "list": "changed",
        "state": "ready",
        "why": "changed prompt",
        "usd": "0.20",
        "changes": [
            {"param": "prompt", "before": "a grey heron, studio photograph", "after": "a grey heron, watercolour"}
        ],
    }
    nothing = json.loads(mjpipe("plan", "--json", "--jobs=failed", manifest).out)
    assert nothing["job_list"] == []


def test_markdown_shows_what_changed_in_a_table(made: tuple[InProcess, Path]) -> None:
    mjpipe, manifest = made
    edit(manifest)
    text = mjpipe("plan", manifest, "--markdown", "--jobs=changed", "--select", "hero/heron").out
    assert text.split("\n### ")[0] == (
        "| job | cost | why |\n"
        "| --- | --- | --- |\n"
        "| `hero/heron` | $0.20 | changed prompt<br>prompt: `a grey heron, studio photograph` → "
        "`a grey heron, watercolour` |\n"
        "\n"
        "1 job: 1 changed\n"
    )


@pytest.fixture
def many(tmp_path: Path) -> Path:
    rows = "".join(f"bird {number},red\n" for number in range(150))
    (tmp_path / "birds.csv").write_text(f"name,colour\n{rows}")
    (tmp_path / "campaign.yaml").write_text(BIRDS)
    return tmp_path


def test_a_pipe_gets_all_jobs_and_a_pull_request_the_first(many: Path) -> None:
    mjpipe = InProcess(os.environ)
    assert len(listed(mjpipe, many / "campaign.yaml", "--jobs=new")) == 151
    text = mjpipe("plan", many / "campaign.yaml", "--jobs=new", "--markdown").out
    assert (text.count("| `hero/bird-"), "\n150 jobs: 150 new, the first 100 shown\n" in text) == (100, True)


def test_a_terminal_shows_the_first_jobs_and_counts_the_others(many: Path) -> None:
    shown = in_terminal(["plan", "campaign.yaml", "--jobs=new"], folder=many, environment=os.environ).lines
    assert shown[99:103] == (
        "hero/bird-99   $0.20  new",
        "… and 50 more: write them into a file with > FILE, or read them with | less",
        "150 jobs: 150 new",
        "",
    )


def test_no_line_of_a_list_is_wider_than_the_terminal(many: Path) -> None:
    manifest = many / "campaign.yaml"
    manifest.write_text(BIRDS.replace("images: pick", "images: [0]").replace("large:", "printed-on-large-canvas:"))
    shown = in_terminal(
        ["plan", "campaign.yaml", "--jobs", "--select", "printed*,name=bird 7"], folder=many, environment=os.environ
    ).lines
    assert shown[:3] == (
        "printed-on-large-canvas/bird-7/0  $0.30  behind `hero/bird-7`, which is not",
        "    selected",
        "1 job: 1 waiting",
    )


def test_a_reader_that_stops_early_ends_the_list_quietly(many: Path) -> None:
    mjpipe = Mjpipe(many, os.environ)
    program = mjpipe.start("plan", "campaign.yaml", "--jobs")
    assert program.stdout is not None
    assert program.stdout.readline() == "hero/bird-0       $0.20  new\n"
    program.stdout.close()
    program.wait(60)
    assert program.stderr is None or "Traceback" not in program.stderr.read()


def test_jobs_and_against_exclude_each_other(many: Path) -> None:
    refused = InProcess(os.environ)("plan", many / "campaign.yaml", "--jobs", "--against", "plan.json", code=2)
    assert refused.err == (
        "error: --jobs and --against exclude each other\nhelp: `--jobs=changed` shows what changed in each job\n"
    )


def test_a_list_that_does_not_exist_is_refused(many: Path) -> None:
    refused = InProcess(os.environ)("plan", many / "campaign.yaml", "--jobs=chnaged", code=2)
    assert "'chnaged' is not one of 'all', 'new', 'changed', 'orphans', 'waiting', 'failed'" in refused.err
