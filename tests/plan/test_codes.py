"""Every code of the planner is explained, by examples that are wrong and right as they say."""

import re
from pathlib import Path

import pytest

import mjpipe.plan
from mjpipe.manifest import manifest_from
from mjpipe.plan import EXPLANATIONS, picks_about_nothing, read_picks
from tests.plan.planning import HEAD, planned

SOURCE = Path(mjpipe.plan.__file__).parent
CODE = re.compile(r"MJ\d{3}")
COVER = "nodes: {cover: {kind: generate, params: {prompt: a teapot}}}\n"
ROWS = (
    "inputs: {cups: {FORM: products.FORM, key: 'KEY'}}\n"
    'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ name }}"}}}\n'
)


def example(code: str, label: str) -> str | None:
    found = re.search(rf"^{label}:\n((?:    .*\n)+)", EXPLANATIONS[code].text, re.MULTILINE)
    return re.sub(r"^    ", "", found[1], flags=re.MULTILINE) if found else None


def codes(piece: str, folder: Path) -> set[str]:
    """What is said of a piece of a manifest, of an input file, or of a picks file."""
    (folder / "products.csv").write_text("sku,name\nT-01,teapot\n")
    text = piece if "nodes:" in piece else COVER + piece
    if piece.startswith("key,node,"):
        (folder / "picks.csv").write_text(piece)
        picks, mistakes = read_picks(folder / "picks.csv", shown="picks.csv")
        about_nothing = picks_about_nothing(picks.lines, picks.keys() - {"hero/T-01/studio"}, {"hero", "final"})
        return {diagnostic.code for diagnostic in (*mistakes, *about_nothing)}
    if re.match(r"\w+,", piece):
        (folder / "products.csv").write_text(piece)
        text = ROWS.replace("FORM", "csv").replace("KEY", piece.split(",", maxsplit=1)[0])
    elif piece.startswith("{"):
        (folder / "products.jsonl").write_text(piece)
        text = ROWS.replace("FORM", "jsonl").replace("KEY", "sku")
    loaded = manifest_from(HEAD + text, folder / "campaign.yaml")
    assert loaded.manifest is not None
    return {diagnostic.code for diagnostic in (*loaded.diagnostics, *planned(loaded.manifest).diagnostics)}


def test_each_code_that_the_source_names_is_explained_and_no_other() -> None:
    sources = [path.read_text() for path in SOURCE.rglob("*.py") if path.name != "codes.py"]
    named = {code for source in sources for code in CODE.findall(source)}
    assert named == set(EXPLANATIONS)


def test_only_what_no_text_can_show_is_explained_without_an_example() -> None:
    assert [code for code in sorted(EXPLANATIONS) if not (example(code, "wrong") and example(code, "right"))] == [
        "MJ050",
        "MJ051",
        "MJ062",
        "MJ091",
        "MJ093",
        "MJ096",
        "MJ099",
        "MJ100",
        "MJ102",
    ]


@pytest.mark.parametrize("code", sorted(EXPLANATIONS))
def test_what_an_explanation_calls_wrong_is_wrong_and_what_it_calls_right_is_right(code: str, tmp_path: Path) -> None:
    wrong, right = example(code, "wrong"), example(code, "right")
    assert wrong is None or codes(wrong, tmp_path) == {code}
    assert right is None or codes(right, tmp_path) == set()
