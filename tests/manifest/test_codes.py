import re
from pathlib import Path

import pytest

import mjpipe.manifest
from mjpipe.manifest import EXPLANATIONS, manifest_from

SOURCE = Path(mjpipe.manifest.__file__).parent
BAD = Path(__file__).parents[1] / "bad_manifests"
CODE = re.compile(r"MJ\d{3}")
BASE = {
    "mjpipe": "mjpipe: 1",
    "campaign": "campaign: teapots",
    "nodes": "nodes: {hero: {kind: generate, params: {prompt: a teapot}}}",
}


def pieces(code: str, label: str) -> list[str]:
    """The example behind `wrong:` or `right:`, made into a whole manifest; none when the explanation has none."""
    found = re.search(rf"^{label}:\n((?:    .*\n)+)", EXPLANATIONS[code].text, re.MULTILINE)
    if not found:
        return []
    piece = re.sub(r"^    ", "", found[1], flags=re.MULTILINE)
    base = [line for key, line in BASE.items() if not re.search(rf"^{key}:", piece, re.MULTILINE)]
    return ["\n".join([*base, piece])]


def codes(text: str, folder: Path) -> set[str]:
    return {diagnostic.code for diagnostic in manifest_from(text, folder / "campaign.yaml").diagnostics}


def test_each_code_that_the_source_names_is_explained_and_no_other() -> None:
    named = {
        code for path in SOURCE.rglob("*.py") if path.name != "codes.py" for code in CODE.findall(path.read_text())
    }
    assert named == set(EXPLANATIONS)


def test_each_code_is_shown_by_a_bad_manifest() -> None:
    shown = {code for path in BAD.glob("*.txt") for code in CODE.findall(path.read_text("utf-8"))}
    assert set(EXPLANATIONS) - shown == set()


def test_only_what_no_text_can_show_is_explained_without_an_example() -> None:
    assert [code for code in EXPLANATIONS if not (pieces(code, "wrong") and pieces(code, "right"))] == ["MJ001"]


@pytest.mark.parametrize("code", sorted(EXPLANATIONS))
def test_what_an_explanation_calls_wrong_is_wrong_and_what_it_calls_right_is_right(code: str, tmp_path: Path) -> None:
    assert [codes(piece, tmp_path) for piece in pieces(code, "wrong")] in ([{code}], [])
    assert [codes(piece, tmp_path) for piece in pieces(code, "right")] in ([set()], [])
