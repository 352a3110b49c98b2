"""`mjpipe init`: each example with all that it reads."""

import json
import os
from pathlib import Path

import pytest

from mjpipe.campaign import open_campaign, plan
from mjpipe.cli.commands.init import example_files
from mjpipe.plan import plan_document
from tests.cli.in_terminal import COLUMNS, in_terminal
from tests.cli.program import EXAMPLES, Mjpipe

NAMES = sorted(path.stem for path in EXAMPLES.glob("*.yaml"))


@pytest.mark.parametrize("name", NAMES)
def test_a_copied_example_plans_as_the_original_does(name: str, tmp_path: Path) -> None:
    for file, content in example_files(EXAMPLES / f"{name}.yaml").items():
        (tmp_path / file).write_bytes(content)
    documents = [
        plan_document(plan(open_campaign(path)).summary)
        for path in (EXAMPLES / f"{name}.yaml", tmp_path / "campaign.yaml")
    ]
    assert documents[0] == documents[1]


def test_inputs_includes_picks_and_price_files_come_along(tmp_path: Path) -> None:
    manifest = tmp_path / "whole.yaml"
    manifest.write_text(
        "# yaml-language-server: $schema=../../schemas/manifest.schema.json\n"
        "mjpipe: 1\ncampaign: whole\nprices: money/prices.toml\npicks: chosen.csv\n"
        "inputs: {cups: {csv: data/cups.csv, key: sku}, looks: {jsonl: looks.jsonl}}\n"
        "nodes: {hero: {kind: generate, for_each: [cups, looks],\n"
        "  params: {prompt: \"{{ name }}, {{ look }}, {% include 'texts/' ~ file %}\"}}}\n"
    )
    contents = {
        "money/prices.toml": "generate = '0.25'\n",
        "chosen.csv": "key,decision,images\n",
        "data/cups.csv": "sku,name,file\nC-1,mug,plain.txt\n",
        "looks.jsonl": '{"look": "studio"}\n',
        "texts/plain.txt": "no frills",
        "texts/unused.txt": "not read by this manifest",
    }
    for name, text in contents.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    files = example_files(manifest)
    read = {name: text for name, text in contents.items() if name != "texts/unused.txt"}
    assert {name: files[name].decode() for name in read} == read
    assert set(files) == {"campaign.yaml", "manifest.schema.json", ".gitattributes", ".gitignore", *read}
    assert files["campaign.yaml"].startswith(b"# yaml-language-server: $schema=manifest.schema.json\n")


def test_the_list_says_what_each_example_shows(mjpipe: Mjpipe) -> None:
    listed = dict(line.split(maxsplit=1) for line in mjpipe("init", "--list").stdout.splitlines())
    first_comments = {name: (EXAMPLES / f"{name}.yaml").read_text("utf-8").splitlines()[1] for name in NAMES}
    assert listed == {name: comment.removeprefix("# ") for name, comment in first_comments.items()}


def test_an_example_that_is_not_there_is_refused_with_those_that_are(mjpipe: Mjpipe) -> None:
    refused = mjpipe("init", "boards", "--example", "storybord", code=2)
    assert refused.stderr == (f"error: there is no example `storybord`\nhelp: one of: {', '.join(NAMES)}\n")
    assert not (mjpipe.folder / "boards").exists()


def test_the_schema_beside_a_copied_example_is_the_one_that_mjpipe_checks_with(mjpipe: Mjpipe) -> None:
    mjpipe("init", "boards", "--example", "storyboard")
    copied = (mjpipe.folder / "boards" / "manifest.schema.json").read_text("utf-8")
    assert copied == mjpipe("schema", "manifest").stdout
    assert json.loads(copied)["title"] == "a manifest of mjpipe: one image campaign"


def test_no_line_of_the_list_is_wider_than_the_terminal(tmp_path: Path) -> None:
    shown = in_terminal(["init", "--list"], folder=tmp_path, environment=os.environ)
    assert [line for line in shown.lines if len(line) > COLUMNS] == []
    assert shown.lines[0].startswith("draft-funnel       A poster search")
    assert shown.lines[1].startswith(" " * 19)
