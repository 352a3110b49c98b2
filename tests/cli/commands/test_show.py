"""`mjpipe show` plans the row of its job and nothing else, and finds the same as a plan of all rows."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.in_process import InProcess
from tests.cli.program import Mjpipe

MANIFEST = """\
mjpipe: 1
campaign: twins
inputs:
  pots: {csv: pots.csv, key: sku}
  looks: {matrix: {look: [day, night]}, }
limits: {requests_per_second: 1000}
picks: picks.csv
nodes:
  mood: {kind: generate, params: {prompt: "clay"}}
  hero: {kind: generate, for_each: pots, take: 2, params: {prompt: "a {{ name }}", speed: draft, version: "7"}}
  twin: {kind: edit, from: hero, images: [0], for_each: looks, params: {prompt: "{{ name }} by {{ look }}"}}
  soft: {kind: vary, from: mood, images: [1], for_each: pots, params: {type: 1, remixPrompt: "like {{ name }}"}}
  best: {kind: upscale, from: [hero, twin], images: pick, params: {type: 0}}
  next: {kind: vary, from: best, images: [0], params: {type: 1, remixPrompt: "warmer"}}
"""
POTS = "sku,name\nA,jug\nB,cup\nC,jug\n"


@pytest.fixture
def twins(mjpipe: Mjpipe) -> InProcess:
    write(mjpipe.folder, MANIFEST, POTS)
    return InProcess(mjpipe.environment)


def write(folder: Path, manifest: str, pots: str) -> Path:
    (folder / "campaign.yaml").write_text(manifest, "utf-8")
    (folder / "pots.csv").write_text(pots, "utf-8")
    return folder / "campaign.yaml"


def planned(mjpipe: InProcess, manifest: Path) -> dict[str, dict[str, Any]]:
    lines = mjpipe("expand", manifest, "--sandbox").out.splitlines()
    return {job["key"]: job for job in map(json.loads, lines)}


def shown(mjpipe: InProcess, manifest: Path, key: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(mjpipe("show", manifest, key, "--sandbox", "--json").out)
    return document


def assert_the_same(mjpipe: InProcess, manifest: Path) -> None:
    jobs = planned(mjpipe, manifest)
    for key, job in jobs.items():
        one = shown(mjpipe, manifest, key)
        names = {"state": "state", "price": "usd", "fingerprint": "fingerprint", "row": "row", "paths": "paths"}
        assert {name: one[name] for name in names} == {name: job[other] for name, other in names.items()}, key
    assert len(jobs) > 20


def test_one_job_stands_where_a_plan_of_all_jobs_has_it(twins: InProcess, tmp_path: Path) -> None:
    """Before the first run, after it, and after edits that give results to jobs with other keys."""
    manifest = write(tmp_path, MANIFEST, POTS)
    assert_the_same(twins, manifest)
    twins("run", manifest, "--sandbox", code=5)
    twins("pick", manifest, "--sandbox", "hero/A/t0", 2)
    assert_the_same(twins, manifest)
    # A second jug asks for what the first has made, which keeps it; the third has another name.
    write(tmp_path, MANIFEST.replace("take: 2", "take: 3"), "sku,name\nZ,jug\nA,jug\nB,bowl\nC,jug\n")
    assert_the_same(twins, manifest)


def test_a_mistake_in_another_row_does_not_keep_a_job_from_being_shown(twins: InProcess, tmp_path: Path) -> None:
    manifest = write(tmp_path, MANIFEST.replace('prompt: "a {{ name }}"', 'prompt: "{{ name }}"'), POTS + "D,\n")
    assert twins("plan", manifest, code=2).err.splitlines()[-1].startswith("error: 1 error in ")
    assert shown(twins, manifest, "hero/C/t1")["state"] == "ready"
    assert "error[MJ072]: the prompt is empty" in twins("show", manifest, "hero/D/t0", code=2).err


def test_columns_are_a_table_and_the_fingerprint_comes_on_request(twins: InProcess, tmp_path: Path) -> None:
    text = MANIFEST[: MANIFEST.index("  twin:")].replace("take: 2, ", 'labels: {what: "{{ name }}!"}, ')
    manifest = write(tmp_path, text, 'sku,full name,name\nA,"a jug, blue",jug\n')
    assert (
        twins("show", manifest, "hero/A").out
        == """\
hero/A
  state      ready
  next run   it is submitted
  why        new
  kind       generate, node `hero`
  price      $0.10
  path       hero/A-0.{{ ext }}
  path       hero/A-1.{{ ext }}
  path       hero/A-2.{{ ext }}
  path       hero/A-3.{{ ext }}
  row
    sku        A
    full name  a jug, blue
    name       jug
  labels
    what  jug!
  request, as planned
    {
      "mode": "text-to-image",
      "prompt": "a jug",
      "version": "7",
      "speed": "draft"
    }
"""
    )
    more = twins("show", manifest, "hero/A", "--fingerprint").out.splitlines()
    assert [line.strip() for line in more[more.index("  fingerprint") + 2 :]][:3] == [
        "{",
        '"version": 1,',
        '"node": "hero",',
    ]


def test_an_unknown_key_names_one_that_is_near(twins: InProcess, tmp_path: Path) -> None:
    manifest = write(tmp_path, MANIFEST, POTS)
    assert twins("show", manifest, "hero/a/t0", code=2).err == (
        "error: there is no job `hero/a/t0`\nhelp: did you mean `hero/A/t0`?\n"
    )
