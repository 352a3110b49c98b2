"""Each `tests/bad_manifests/NAME.yaml` stands beside `NAME.txt`, exactly what a user sees of it.

After a wanted change of words: `REWRITE=1 .venv/bin/pytest tests/manifest/test_bad_manifests.py`; then read the diff.
"""

import os
from pathlib import Path

import pytest

from mjpipe.cli.diagnostics import render
from mjpipe.manifest import load_manifest

BAD = Path(__file__).parents[1] / "bad_manifests"


@pytest.mark.parametrize("name", sorted(path.stem for path in BAD.glob("*.yaml")))
def test_a_bad_manifest_is_reported_exactly_so(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    shown = render(load_manifest(Path(f"{name}.yaml")).diagnostics, "text")
    expected = BAD / f"{name}.txt"
    if os.environ.get("REWRITE"):
        expected.write_text(shown, "utf-8")
    assert shown == expected.read_text("utf-8")
