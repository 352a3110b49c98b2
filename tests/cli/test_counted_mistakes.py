"""How many mistakes there are, and in which files, as the program says it."""

import json
import os
from pathlib import Path

from tests.cli.in_process import InProcess

MANIFEST = """\
mjpipe: 1
campaign: many
inputs: {products: {csv: products.csv, key: sku}}
nodes:
  hero: {kind: generate, for_each: [products], params: {prompt: "a {{ name }}", stylization: "{{ st }}"}}
"""


def campaign(folder: Path, rows: str) -> Path:
    (folder / "products.csv").write_text(f"sku,name,st\n{rows}", "utf-8")
    path = folder / "many.yaml"
    path.write_text(MANIFEST, "utf-8")
    return path


def test_six_hundred_different_mistakes_are_all_counted_and_the_first_are_shown(tmp_path: Path) -> None:
    manifest = campaign(tmp_path, "".join(f"T-{number},jug,much{number}\n" for number in range(600)))
    mjpipe = InProcess(os.environ)
    said = mjpipe("validate", manifest, code=2).err
    assert said.count("error[MJ070]") == 30
    assert said.endswith(
        "   31 | T-29,jug,much29\n"
        "      |          ^^^^^^\n"
        "   help: write `29`\n"
        "   ... and 570 more like these\n"
        "error: 600 errors in products.csv\n"
    )
    assert json.loads(mjpipe("validate", manifest, "--format", "json", code=2).out)["errors"] == 600
    assert mjpipe("plan", manifest, code=2).err == said


def test_the_files_with_mistakes_are_named(tmp_path: Path) -> None:
    manifest = campaign(tmp_path, "T-1,jug,much\nT-2,cup,many\n")
    (tmp_path / "picks.csv").write_text("key,node,decision,images\nhero/T-1,,maybe,0\n", "utf-8")
    said = InProcess(os.environ)("plan", manifest, code=2).err
    assert said.splitlines()[-1] == "error: 1 error in picks.csv, 2 in products.csv"
