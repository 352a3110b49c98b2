"""A file in which git left both sides of a conflict is never read as if it had been meant so."""

from pathlib import Path

import pytest

from mjpipe.files import conflict_in
from mjpipe.manifest import manifest_from
from tests.plan.planning import HEAD, Plan

SIDES = "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> autumn\n"


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (SIDES.format("a", "b"), 0),
        ("x\r\n" + SIDES.format("a", "b"), 3),
        ("b\n>>>>>>> autumn\n", 2),
        ("Heading\n=======\n", None),
        ("a <<<<<<< b\n", None),
        ("<<<<<<<<< a rule of nine\n", None),
        ("", None),
    ],
)
def test_a_conflict_begins_where_git_marked_it(text: str, at: int | None) -> None:
    assert conflict_in(text) == at


@pytest.mark.parametrize("name", ["prices.yaml", "prices.toml"])
def test_a_price_file_with_a_conflict_is_an_error(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("enhance = 0.1\n" + SIDES.format("upscale = 0.1", "upscale = 0.2"))
    loaded = manifest_from(HEAD + f"prices: {name}\nnodes: {{}}\n", tmp_path / "campaign.yaml")
    assert [(d.place.line, d.message) for d in loaded.diagnostics if d.place.file.endswith(name)] == [
        (2, "a git conflict is not resolved")
    ]


@pytest.mark.parametrize("how", ["'text.txt'", "'text.txt' ignore missing", "sku"])
def test_an_included_file_with_a_conflict_is_an_error(plan: Plan, how: str) -> None:
    planned = plan(
        f"""\
        inputs: {{cups: {{rows: [{{sku: text.txt}}], key: sku}}}}
        nodes: {{hero: {{kind: generate, for_each: [cups], params: {{prompt: "{{% include {how} %}}"}}}}}}
        """,
        text_txt="a teapot\n" + SIDES.format("red", "blue"),
    )
    assert len(planned.diagnostics) == 1
    assert "`text.txt`, line 2: a git conflict is not resolved" in planned.diagnostics[0].message
