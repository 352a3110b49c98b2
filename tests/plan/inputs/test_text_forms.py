"""The same text in another form is the same text: decomposed accents, and the line ends of another system."""

import unicodedata
from pathlib import Path

import pytest

from mjpipe.manifest import manifest_from
from tests.plan.planning import HEAD, Plan, planned

MANIFEST = """
vars: {place: café}
inputs: {cups: {%s, key: sku}}
nodes:
  hero:
    kind: generate
    for_each: [cups]
    params: {prompt: "{{ name }} à la crème, {{ place }}, {%% include 'größe.txt' %%}"}
"""
ROWS = {
    "csv: tassen.csv": ("tassen.csv", "sku,name\nT-1,théière\nT-2,Kännchen\n"),
    "jsonl: tassen.jsonl": ("tassen.jsonl", '{"sku": "T-1", "name": "théière"}\n{"sku": "T-2", "name": "Kännchen"}\n'),
    "rows: [{sku: T-1, name: théière}, {sku: T-2, name: Kännchen}]": None,
}


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


def fingerprints(folder: Path, source: str, *, decomposed: bool) -> list[str]:
    folder.mkdir()
    written = nfd if decomposed else str
    if rows := ROWS[source]:
        (folder / rows[0]).write_text(written(rows[1]), "utf-8")
    (folder / written("größe.txt")).write_text(written("große Kanne"), "utf-8")
    loaded = manifest_from(written(HEAD + MANIFEST % source), folder / "campaign.yaml")
    assert loaded.manifest is not None
    plan = planned(loaded.manifest)
    assert (loaded.diagnostics, plan.diagnostics) == ((), ())
    assert plan.jobs[0].request["prompt"] == "théière à la crème, café, große Kanne"
    return [job.fingerprint for job in plan.jobs]


@pytest.mark.parametrize("source", ROWS)
def test_files_rewritten_with_decomposed_accents_ask_for_the_same(tmp_path: Path, source: str) -> None:
    composed = fingerprints(tmp_path / "composed", source, decomposed=False)
    assert fingerprints(tmp_path / "decomposed", source, decomposed=True) == composed


def test_a_file_whose_name_is_decomposed_on_disk_is_found_by_its_composed_name(tmp_path: Path) -> None:
    (tmp_path / nfd("théières.csv")).write_text("sku\nT-1\n")
    text = "inputs: {a: {csv: théières.csv, key: sku}}\nnodes: {b: {kind: generate, for_each: a, params: {prompt: c}}}"
    loaded = manifest_from(HEAD + text, tmp_path / "campaign.yaml")
    assert loaded.manifest is not None
    assert planned(loaded.manifest).keys == ["b/T-1"]


CELLS = """
inputs: {cups: {csv: cups.csv, key: sku, where: "%s"}}
nodes: {hero: {kind: generate, for_each: [cups], params: {prompt: "{{ text }}, studio"}}}
"""


@pytest.mark.parametrize("end", ["\r\n", "\r"])
@pytest.mark.parametrize("header", ["sku,text", "sku,text,note"])
def test_line_ends_inside_a_cell_are_those_of_any_system(plan: Plan, end: str, header: str) -> None:
    rest = "," if header.endswith("note") else ""
    rows = f'{header}\nT-1,"a jug,\nwith a lid"{rest}\nT-2,bowl{rest}\n'
    where = "'\\\\n' in text or text == 'bowl'"
    unix = plan(CELLS % where, cups_csv=rows)
    other = plan(CELLS % where, cups_csv=rows.replace("\n", end))
    assert [job.request["prompt"] for job in other.jobs] == ["a jug,\nwith a lid, studio", "bowl, studio"]
    assert [job.fingerprint for job in other.jobs] == [job.fingerprint for job in unix.jobs]
    assert other.jobs[0].row["text"] == "a jug,\nwith a lid"


def test_a_text_of_the_manifest_is_found_in_a_cell_of_another_form(plan: Plan) -> None:
    rows = nfd("sku,text\nT-1,Kännchen\nT-2,Tasse\n")
    assert plan(CELLS % "text == 'Kännchen'", cups_csv=rows).keys == ["hero/T-1"]


def test_keys_of_another_form_are_the_same_keys(plan: Plan) -> None:
    text = CELLS % "true"
    composed = plan(text, cups_csv="sku,text\nÄ-1,a\n")
    decomposed = plan(text, cups_csv=nfd("sku,text\nÄ-1,a\n"))
    assert composed.keys == decomposed.keys == ["hero/Ä-1"]
    assert [job.row for job in composed.jobs] == [job.row for job in decomposed.jobs]
    text = text.replace("key: sku, ", "")
    assert plan(text, cups_csv="sku,text\nÄ-1,a\n").keys == plan(text, cups_csv=nfd("sku,text\nÄ-1,a\n")).keys
