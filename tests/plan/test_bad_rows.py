"""Each `tests/bad_rows/NAME.yaml` stands beside `NAME.txt`, exactly what a user sees of it, its rows and picks.

After a wanted change of words: `REWRITE=1 .venv/bin/pytest tests/plan/test_bad_rows.py`; then read the diff.
"""

import os
import re
from pathlib import Path

import pytest

from mjpipe.cli.diagnostics import render
from mjpipe.domain import Diagnostic
from mjpipe.manifest import load_manifest
from mjpipe.plan import EXPLANATIONS, picks_about_nothing, read_picks
from tests.plan.planning import planned

BAD = Path(__file__).parents[1] / "bad_rows"


@pytest.mark.parametrize("name", sorted(path.stem for path in BAD.glob("*.yaml")))
def test_bad_rows_are_reported_exactly_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    loaded = load_manifest(Path(f"{name}.yaml"))
    assert loaded.manifest is not None
    found = planned(loaded.manifest)
    picks, mistakes = read_picks(loaded.manifest.picks, shown=loaded.manifest.picks.name)
    about_nothing = picks_about_nothing(picks.lines, picks.keys() - {*found.keys}, loaded.manifest.nodes)
    diagnostics = sorted({*loaded.diagnostics, *found.diagnostics, *about_nothing}, key=Diagnostic.order)
    shown = render([*diagnostics, *mistakes], "text")
    expected = BAD / f"{name}.txt"
    if os.environ.get("REWRITE"):
        expected.write_text(shown, "utf-8")
    assert shown == expected.read_text("utf-8")
    assert list(found.diagnostics) == sorted(found.diagnostics, key=Diagnostic.order)


def test_each_code_is_shown_by_bad_rows() -> None:
    shown = {code for path in BAD.glob("*.txt") for code in re.findall(r"MJ\d{3}", path.read_text("utf-8"))}
    assert set(EXPLANATIONS) - shown == {"MJ091", "MJ093", "MJ096", "MJ099"}, "which take a campaign that has run"
