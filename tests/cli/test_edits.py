"""Edits that cost nothing cost nothing, and those that cost something cost just that: through whole runs."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.in_process import at, sandbox
from tests.cli.program import SandboxServer
from tests.cli.studio import Studio, campaigns, contents, edited, whole_runs
from tests.cli.teapots import Teapots, assets_of


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxServer]:
    with sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@given(teapots=campaigns(), data=st.data())
@whole_runs(6)
def test_an_edit_costs_what_it_newly_asks_for_and_no_picture_is_lost(
    tmp_path_factory: pytest.TempPathFactory, server: SandboxServer, teapots: Teapots, data: st.DataObject
) -> None:
    studio = Studio(tmp_path_factory.mktemp("campaign"), server)
    history = [teapots]
    studio.make(teapots)
    for _ in range(data.draw(st.integers(1, 6), label="edits")):
        teapots = data.draw(edited(teapots, history))
        history.append(teapots)
        if studio.all_differ() and data.draw(st.booleans(), label="some are deleted"):
            studio.lose(data.draw(st.integers(0, 999)))
        studio.make(teapots)


@pytest.fixture
def studio(tmp_path: Path, server: SandboxServer) -> Studio:
    return Studio(tmp_path, server)


TWO = Teapots(rows=(("A", "heron"), ("B", "duck")))


def test_more_takes_cost_those_that_are_more_and_fewer_cost_nothing(studio: Studio) -> None:
    for take, tasks in ((1, 3), (3, 9), (1, 9), (2, 9), (3, 9), (4, 12), (1, 12)):
        studio.make(replace(TWO, rows=TWO.rows[:1], take=take))
        assert len(studio.tasks()) == tasks


def test_what_was_made_of_one_take_is_there_again_when_there_are_more(studio: Studio) -> None:
    for teapots in (
        replace(TWO, take=3),
        replace(TWO, take=1, light="cold"),
        replace(TWO, take=2, light="cold"),
        replace(TWO, take=1, light="cold"),
        replace(TWO, take=3),
    ):
        studio.make(replace(teapots, rows=TWO.rows[:1]))


def test_rows_that_swap_their_names_swap_their_pictures_and_back(studio: Studio) -> None:
    swapped = replace(TWO, rows=(("A", "duck"), ("B", "heron")))
    for teapots in (TWO, swapped, TWO, replace(swapped, layout=1), replace(TWO, layout=2), swapped):
        studio.make(teapots)
    assert len(studio.tasks()) == 6


def test_a_node_that_is_renamed_and_moved_at_once_is_paid_once(studio: Studio) -> None:
    for teapots in (TWO, replace(TWO, first="lead", layout=2), replace(TWO, first="opening", layout=1, hand=7), TWO):
        studio.make(teapots)
    assert len(studio.tasks()) == 6


def test_a_node_that_is_renamed_twice_is_paid_once(studio: Studio) -> None:
    studio.make(TWO)
    manifest = replace(TWO, first="lead").write(studio.folder)
    studio.mjpipe("run", manifest, "--yes")
    manifest.write_text(manifest.read_text().replace("was: hero", "was: lead").replace("lead", "opening", 1))
    text = manifest.read_text().replace("from: lead", "from: opening")
    for again in (text, text.replace("was: lead", "was: hero"), text):
        manifest.write_text(again)
        assert studio.mjpipe.plan(manifest)["jobs"]["to_submit"] == 0
    studio.mjpipe("run", manifest)
    manifest.write_text(text.replace("    was: lead\n", ""))
    assert "was" not in manifest.read_text()
    assert studio.mjpipe.plan(manifest)["jobs"]["to_submit"] == 0


def test_all_that_came_is_followed_and_nothing_is_owed_for_what_did_not_come(tmp_path: Path) -> None:
    faults = tmp_path / "faults.yaml"
    faults.write_text('{"faults": 1, "rules": [{"at": "task", "do": "fewer_images", "images": 2, "nth": 1}]}')
    path = tmp_path / "campaign.yaml"
    path.write_text(ALL)
    with sandbox(tmp_path / "service", faults=faults) as server:
        mjpipe = at(server)
        assert mjpipe.plan(path)["jobs"]["to_submit"] == 5
        mjpipe("run", path, "--yes")
        assert modes(server) == ["text-to-image", "upscale", "upscale"]
        for text in (ALL, ALL.replace("all", "[0, 1]"), ALL.replace("all", "[1]"), ALL):
            path.write_text(text)
            assert mjpipe.plan(path)["jobs"]["to_submit"] == 0
            mjpipe("run", path)
        path.write_text(ALL.replace("all", "[1, 3]"))
        mjpipe("run", path, "--yes", code=1)
        shown = json.loads(mjpipe("show", path, "final/3", "--json").out)
        assert (shown["state"], "image 3" in shown["reason"]) == ("skipped", True)
        path.write_text(ALL)
        mjpipe("run", path)
        assert len(server.tasks()) == 3


ALL = """
mjpipe: 1
campaign: birds
limits: {requests_per_second: 1000}
nodes:
  hero: {kind: generate, params: {prompt: a heron}}
  final: {kind: upscale, from: hero, images: all, params: {type: 0}}
"""


def modes(server: SandboxServer) -> list[object]:
    return [task["mode"] for task in server.tasks()]


def test_what_the_manifest_asks_for_again_is_not_pruned(studio: Studio) -> None:
    studio.make(TWO)
    studio.make(replace(TWO, light="cold"))
    manifest = TWO.write(studio.folder)
    warm = {path for path in (studio.folder / "out" / "teapots").rglob("*.png") if ".orphans" in path.parts}
    assert len(warm) == 8
    studio.mjpipe("prune", manifest, "--yes")
    assert all(path.exists() for path in warm)


def test_an_orphans_picture_that_a_person_deleted_is_not_listed(studio: Studio) -> None:
    studio.make(TWO)
    studio.make(replace(TWO, light="cold"))
    min((studio.folder / "out" / "teapots" / ".orphans").rglob("*.png")).unlink()
    studio.mjpipe("run", studio.folder / "campaign.yaml")
    assert contents(studio.folder / "out" / "teapots").keys() == {asset["path"] for asset in assets_of(studio.folder)}


WAYS = """
mjpipe: 1
campaign: ways
limits: {requests_per_second: 1000}
inputs:
  birds: {rows: [{sku: A, name: heron}], key: sku}
  looks: {rows: [{look: dark}, {look: pale}], key: look}
nodes:
  hero:
    kind: generate
    for_each: [birds, looks]
    params: {prompt: "a {{ name }}, {{ look }}", stylization: 250, version: "7", aspect_ratio: "1:1"}
  final: {kind: upscale, from: hero, images: [0], params: {type: 0}}
"""


def test_one_request_can_be_written_in_many_ways_and_is_paid_once(tmp_path: Path, server: SandboxServer) -> None:
    mjpipe = at(server)
    before = len(server.tasks())
    path = tmp_path / "campaign.yaml"
    path.write_text(WAYS)
    (tmp_path / "birds.csv").write_text("\ufeffname,sku\r\nheron,A\r\n", "utf-8", newline="")
    (tmp_path / "birds.jsonl").write_text('{"name": "heron", "sku": "A"}\n')
    mjpipe("run", path, "--yes")
    paid = server.tasks()[before:]
    pictures = sorted(contents(tmp_path / "out").values())
    text = WAYS
    for old, new in (
        ("[birds, looks]", "[looks, birds]"),
        ("key: sku}", "key: [name, sku]}"),
        (", key: [name, sku]", ""),
        ("rows: [{sku: A, name: heron}]", "csv: birds.csv"),
        ("csv: birds.csv", "jsonl: birds.jsonl, key: sku"),
        ("rows: [{look: dark}, {look: pale}], key: look", "matrix: {look: [pale, dark]}"),
        ("250", '"{{ 200 + 50 }}"'),
        ('"7"', "7"),
        ("aspect_ratio:", "speed: fast, mode: text-to-image, aspect_ratio:"),
        ("aspect_ratio:", "negative_prompt: \"{{ '' }} \", aspect_ratio:"),
        ('"a {{ name }}, {{ look }}"', "\"  a {{name}}, {{row['look']}}\\n\""),
        ("limits:", "defaults: {version: 7}\nlimits:"),
        ("version: 7, ", ""),
        ("from: hero", "from: [hero]"),
        ("kind: generate", "kind: generate\n    where: \"sku == 'A'\""),
        ("campaign: ways", "campaign: ways\nvars: {bird: heron}"),
        ("{{name}}", "{{ bird }}"),
    ):
        assert old in text
        text = text.replace(old, new)
        path.write_text(text)
        plan = mjpipe("run", path, "--dry-run", code=None)
        assert "Plan: nothing to do, 4 done" in plan.out, (old, new, plan)
        mjpipe("run", path)
        assert server.tasks()[before:] == paid
        assert sorted(contents(tmp_path / "out").values()) == pictures
