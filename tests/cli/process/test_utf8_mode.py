"""Names of files in a locale that cannot write them."""

import subprocess
import sys
from pathlib import Path

from tests.cli.program import Mjpipe

POLISH = """
mjpipe: 1
campaign: jugs
inputs: {jugs: {csv: jugs.csv, key: sku}}
nodes:
  hero: {kind: generate, for_each: [jugs], params: {prompt: "a {{ name }}"}}
"""
ASCII = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
"""File names are ASCII to Python, as they are ISO-8859-1 under a locale of that name, which needs to be installed."""


def test_file_names_are_utf_8_whatever_the_locale(mjpipe: Mjpipe, tmp_path: Path) -> None:
    (tmp_path / "jugs.csv").write_text("sku,name\nŁ-1,jug\n", "utf-8")
    (tmp_path / "kampanią.yaml").write_text(POLISH, "utf-8")
    done = subprocess.run(  # a process of its own: it is started again
        [sys.executable, "-m", "mjpipe", "run", "kampanią.yaml", "--sandbox"],
        cwd=tmp_path,
        env={**mjpipe.environment, **ASCII},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "all done"
    images = {path.name for path in (tmp_path / "out" / "jugs.sandbox" / "hero").iterdir()}
    assert images == {f"Ł-1-{number}.png" for number in range(4)}
    assert mjpipe("run", "kampanią.yaml", "--sandbox").stdout.splitlines()[-1] == "all done"
