"""Every JSON that the program gives to others is as its schema says, for a campaign that met a bit of everything."""

import importlib
import json
import re
import signal
from collections.abc import Iterator
from typing import Any

import click
import pytest
from jsonschema import Draft202012Validator

from mjpipe.cli.main import COMMANDS
from mjpipe.domain import bundled_folder
from tests.cli.program import Mjpipe

MANIFEST = """\
mjpipe: 1
campaign: odd
inputs:
  pots:
    rows: [{sku: A, note: "=1+1"}, {sku: B, note: "-5"}, {sku: C, note: "@sum"}, {sku: D, note: plain}]
    key: sku
prices: {upscale: 0.125}
outputs: {dir: out}
nodes:
  hero:
    kind: generate
    for_each: pots
    labels: {line: "{{ note }}"}
    params: {prompt: "a pot, {{ sku }}", version: "7", speed: draft}
  soft: {kind: enhance, from: hero, images: [0]}
  poster: {kind: upscale, from: hero, images: pick, params: {type: 0}}
"""

FAULTS = """\
faults: 1
rules:
  - {at: submit, do: cut, mode: enhance, nth: 1}
  - {at: task, do: fail, code: PromptInvalid, mode: text-to-image, nth: 2}
"""

KEYS = ("hero/A", "hero/B", "hero/C", "hero/D", "soft/A/0", "soft/C/0", "soft/D/0")


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mjpipe]:
    """Jobs that are done, failed, in doubt, unpicked, unpriced, and an orphan."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "faults.yaml").write_text(FAULTS, "utf-8")
    (folder / "campaign.yaml").write_text(MANIFEST, "utf-8")
    plain = Mjpipe(folder, {"PATH": "", "NO_COLOR": "1", "COLUMNS": "100", "PYTHONUNBUFFERED": "1"})
    argv = ["sandbox", "--port", "0", "--state", "service", "--speed-up", "200", "--faults", "faults.yaml"]
    server = plain.start(*argv)
    try:
        assert server.stdout is not None
        lines = iter(server.stdout.readline, "")
        url = next(found.group(1) for line in lines if (found := re.search(r"APIXO_BASE_URL=(\S+)", line)))
        mjpipe = Mjpipe(folder, {**plain.environment, "APIXO_BASE_URL": url, "APIXO_API_KEY": "a-key"})
        mjpipe("run", "campaign.yaml", "--yes", code=6)
        (folder / "campaign.yaml").write_text(MANIFEST.replace(", {sku: D, note: plain}", ""), "utf-8")
        mjpipe("run", "campaign.yaml", "--yes", code=6)
        yield mjpipe
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=120)


def check(schema: str, document: object) -> None:
    text = (bundled_folder("schemas") / f"{schema}.schema.json").read_text("utf-8")
    Draft202012Validator(json.loads(text)).validate(document)


DOCUMENTS = {
    "plan": ("plan", "campaign.yaml", "--json"),
    "plan --by": ("plan", "campaign.yaml", "--json", "--by", "line"),
    "status": ("status", "campaign.yaml", "--json"),
    "prices": ("prices", "--json"),
    **{f"show {key}": ("show", "campaign.yaml", key, "--json") for key in KEYS},
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_a_command_prints_for_machines_is_as_its_schema_says(odd: Mjpipe, name: str) -> None:
    document = json.loads(odd(*DOCUMENTS[name]).stdout)
    assert document["schema_version"] == 1
    check(DOCUMENTS[name][0], document)


def test_letters_of_any_language_are_written_as_they_are(mjpipe: Mjpipe) -> None:
    """In every document that a person may read; `assets.jsonl` and the reports too."""
    text = MANIFEST.replace("sku: A", "sku: Ł-1")
    (mjpipe.folder / "campaign.yaml").write_text(text, "utf-8")
    mjpipe("run", "campaign.yaml", "--sandbox", code=5)
    mjpipe("report", "campaign.yaml", "--sandbox", "--by", "sku")
    # status names it as stale
    (mjpipe.folder / "picks.sandbox.csv").write_text("key,decision,images,task\nhero/Ł-1,pick,0,task_old\n", "utf-8")
    said = [
        mjpipe(*argv, "--sandbox").stdout
        for argv in (
            ("status", "campaign.yaml", "--json"),
            ("show", "campaign.yaml", "hero/Ł-1", "--json"),
            ("plan", "campaign.yaml", "--json", "--by", "sku"),
            ("expand", "campaign.yaml"),
            ("expand", "campaign.yaml", "--format", "csv"),
        )
    ]
    (mjpipe.folder / "campaign.yaml").write_text(text.replace("upscale,", "größer,"), "utf-8")
    said.append(mjpipe("validate", "campaign.yaml", "--format", "json", code=2).stdout)
    outputs = mjpipe.folder / "out.sandbox"
    said += [(outputs / name).read_text("utf-8") for name in ("assets.jsonl", "report/costs.json", "report/costs.csv")]
    assert [(any(letter in text for letter in "üŁö"), "\\u0" in text) for text in said] == [(True, False)] * len(said)


def test_the_jobs_that_were_shown_are_of_every_sort(odd: Mjpipe) -> None:
    shown = [json.loads(odd("show", "campaign.yaml", key, "--json").stdout) for key in KEYS]
    assert {(job["state"], job["orphan"], job["price"]) for job in shown} == {
        ("done", False, "0.10"),
        ("failed", False, "0.10"),
        ("done", True, "0.10"),
        ("in_doubt", False, None),
        ("done", False, None),
        ("done", True, None),
    }


def test_diagnostics_are_as_their_schema_says(odd: Mjpipe) -> None:
    (odd.folder / "bad.yaml").write_text(MANIFEST.replace("kind: upscale", "kind: upscaler"), "utf-8")
    document = json.loads(odd("validate", "bad.yaml", "--format", "json", code=2).stdout)
    assert (document["schema_version"], document["errors"]) == (1, 1)
    check("diagnostics", document)


def test_the_reports_are_as_their_schemas_say(odd: Mjpipe) -> None:
    outputs = odd.folder / "out"
    odd("report", "campaign.yaml", "--by", "line", "--by", "sku")
    check("costs", json.loads((outputs / "report" / "costs.json").read_text("utf-8")))
    lines = [json.loads(line) for line in (outputs / "assets.jsonl").read_text("utf-8").splitlines()]
    assert [line["path"] for line in lines if line["orphan"]]
    for line in lines:
        check("assets", line)


def test_each_command_that_gives_json_is_among_those_that_were_checked() -> None:
    """The end of a run is checked in `test_run_json`."""
    assert {name for name in COMMANDS if gives_json(name)} == {argv[0] for argv in DOCUMENTS.values()} | {"run"}


def gives_json(name: str) -> bool:
    command: click.Command = importlib.import_module(f"mjpipe.cli.commands.{name}").command
    return any("--json" in parameter.opts for parameter in command.params)


@pytest.mark.parametrize("name", ["assets", "costs", "diagnostics", "plan", "prices", "show", "status"])
def test_a_schema_describes_what_is_there_and_nothing_else(name: str) -> None:
    """A name that is required is described, and the other way round, wherever objects have fixed names."""
    schema = json.loads((bundled_folder("schemas") / f"{name}.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    for place in objects(schema):
        if place.get("additionalProperties") is False and name != "plan":
            assert sorted(place["required"]) == sorted(place["properties"])


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object" and "properties" in schema:
            yield schema
        for part in schema.values():
            yield from objects(part)
    elif isinstance(schema, list):
        for part in schema:
            yield from objects(part)


def test_the_table_of_costs_cannot_make_a_spreadsheet_do_anything(odd: Mjpipe) -> None:
    text = (odd.folder / "out" / "report" / "costs.csv").read_text("utf-8")
    assert ",A,'=1+1,'=1+1\n" in text
    assert ",B,-5,-5\n" in text
    assert ",C,'@sum,'@sum\n" in text
