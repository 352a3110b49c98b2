"""`run --json`: the end of a run as one document on standard output; a person may still read along."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from mjpipe.domain import bundled_folder
from tests.cli.in_process import InProcess, at
from tests.cli.program import SandboxServer

BIRDS = """\
mjpipe: 1
campaign: birds
inputs: {birds: {rows: [{name: heron}, {name: duck}], key: name}}
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, for_each: [birds], params: {prompt: "a {{ name }}"}}
  large: {kind: upscale, from: hero, images: pick, params: {type: 0}}
"""


@pytest.fixture
def birds(tmp_path: Path) -> Path:
    (tmp_path / "campaign.yaml").write_text(BIRDS)
    return tmp_path / "campaign.yaml"


@pytest.fixture
def mjpipe(server: SandboxServer) -> InProcess:
    return at(server)


def ended(text: str) -> Any:
    document = json.loads(text)
    schema = json.loads((bundled_folder("schemas") / "run.schema.json").read_text())
    Draft202012Validator(schema).validate(document)
    return document


def test_the_end_of_a_run_is_one_document_and_the_talk_goes_to_standard_error(mjpipe: InProcess, birds: Path) -> None:
    said = mjpipe("run", birds, "--yes", "--json", "--select", "hero", "--junit", birds.with_name("junit.xml"), code=5)
    document = ended(said.out)
    assert {name: document[name] for name in ("campaign", "sandbox", "exit_code", "stopped_by", "this_run")} == {
        "campaign": "birds",
        "sandbox": False,
        "exit_code": 5,
        "stopped_by": None,
        "this_run": {"spent": "0.40", "committed": "0.40", "unpriced": 0},
    }
    assert (document["jobs"]["total"], document["jobs"]["done"], document["jobs"]["unpicked"]) == (4, 2, 2)
    assert document["nodes"]["hero"]["jobs"]["done"] == 2
    assert document["reports"] == {
        "costs": str(birds.parent / "out" / "birds" / "report" / "costs.json"),
        "junit": str(birds.with_name("junit.xml")),
    }
    assert document["next"]["command"].startswith(f"mjpipe pick {birds} hero/heron 0")
    assert said.err.endswith(f"{document['next']['command']}\n")
    assert "Plan: 2 to submit" in said.err


def test_a_run_that_stops_says_why_and_one_with_nothing_to_do_costs_nothing(mjpipe: InProcess, birds: Path) -> None:
    stopped = ended(mjpipe("run", birds, "--budget", "0.20", "--json", code=4).out)
    assert (stopped["exit_code"], stopped["stopped_by"], stopped["not_submitted"]) == (4, "budget", 1)
    assert (stopped["money"]["budget"], stopped["money"]["left"]) == ("0.20", "0.00")
    birds.write_text(BIRDS.replace("  large:", "  # large:"))
    mjpipe("run", birds, "--yes")
    again = ended(mjpipe("run", birds, "--yes", "--json").out)
    assert (again["exit_code"], again["this_run"]["spent"], again["next"]) == (0, "0.00", None)
    assert again["money"]["spent"] == "0.40"


def test_a_dry_run_gives_the_document_of_the_plan(mjpipe: InProcess, birds: Path) -> None:
    plan = mjpipe("plan", birds, "--json", "--select", "hero/duck").out
    assert mjpipe("run", birds, "--dry-run", "--json", "--select", "hero/duck").out == plan


def test_a_run_that_is_refused_prints_no_document(mjpipe: InProcess, birds: Path) -> None:
    refused = mjpipe("run", birds, "--json", code=2)
    assert (refused.out, "no budget set" in refused.err) == ("", True)
