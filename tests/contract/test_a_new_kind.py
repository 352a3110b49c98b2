"""CONTRIBUTING's recipe for a new kind, followed in a copy of the tree: it is all that a new kind takes."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from PIL import Image

from tests.cli.program import ROOT

FACTS = """
    Mode.OUTPAINT: ModeFacts(
        kind=Kind.OUTPAINT,
        purpose="shows what lies around an image",
        fields=OUTPAINT_FIELDS,
        starts_from=StartsFrom.TASK_IMAGE,
        followed_by=(_M.UPSCALE, _M.IMAGE_EDIT),
        images=1,
        latency=Latency.FOLLOW_UP,
    ),
}

MODES_OF_KIND"""

SCHEMA = """
    Outpaint:
      type: object
      required: [mode, taskId, imageIndex]
      properties:
        mode: {type: string, const: outpaint}
        taskId: *task_id
        imageIndex: *image_index
        remixPrompt: *text

    Prompt:
"""

DRAWN = """    Mode.ENHANCE: _enhanced,
    Mode.OUTPAINT: _upscaled,
"""

PRICE = """[[price]]
modes = ["outpaint"]
usd = "0.25"

[[price]]
modes = ["vary"]
"""

PARAMS = """### outpaint

<!-- params outpaint -->
<!-- end -->

### upscale
"""

AFTER_GENERATION = "_AFTER_GENERATION = (_M.REROLL, _M.VARY, _M.UPSCALE, _M.IMAGE_EDIT, _M.ENHANCE"
MAPPED = """          enhance: "#/components/schemas/Enhance"
"""
LISTED = """        - $ref: "#/components/schemas/Enhance"
"""

RECIPE: dict[str, list[tuple[str, str]]] = {
    "mjpipe/domain/job.py": [('    ENHANCE = "enhance"\n', '    ENHANCE = "enhance"\n    OUTPAINT = "outpaint"\n')],
    "mjpipe/contract/modes.py": [
        ("    EDIT_FIELDS,\n", "    EDIT_FIELDS,\n    OUTPAINT_FIELDS,\n"),
        ('    ENHANCE = "enhance"\n', '    ENHANCE = "enhance"\n    OUTPAINT = "outpaint"\n'),
        (AFTER_GENERATION, f"{AFTER_GENERATION}, _M.OUTPAINT"),
        ("\n}\n\nMODES_OF_KIND", FACTS),
    ],
    "mjpipe/contract/fields.py": [("\nUPSCALE_FIELDS = ", "\nOUTPAINT_FIELDS = (_REMIX,)\nUPSCALE_FIELDS = ")],
    "mjpipe/sandbox/pictures/painting.py": [("    Mode.ENHANCE: _enhanced,\n", DRAWN)],
    "mjpipe/pricing/prices.toml": [('[[price]]\nmodes = ["vary"]\n', PRICE)],
    "schemas/apixo.openapi.yaml": [
        (LISTED, LISTED + LISTED.replace("Enhance", "Outpaint")),
        (MAPPED, MAPPED + MAPPED.replace("enhance", "outpaint").replace("Enhance", "Outpaint")),
        ("\n    Prompt:\n", SCHEMA),
        (
            "enum: [reroll, vary, upscale, image-edit, enhance]",
            "enum: [reroll, vary, upscale, image-edit, enhance, outpaint]",
        ),
    ],
    "docs/manifest.md": [("### upscale\n", PARAMS)],
}

CAMPAIGN = """
mjpipe: 1
campaign: wider
nodes:
  hero: {kind: generate, params: {prompt: a teapot, aspect_ratio: 16:9}}
  wide: {kind: outpaint, from: hero, images: [0, 2], params: {remixPrompt: a table}}
"""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the tree with the recipe followed."""
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in ROOT.iterdir():
        if path.name.startswith("."):
            continue
        if path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
        else:
            shutil.copy(path, folder)
    for name, edits in RECIPE.items():
        text = (folder / name).read_text("utf-8")
        for before, after in edits:
            assert text.count(before) == 1, (name, before)
            text = text.replace(before, after)
        (folder / name).write_text(text, "utf-8")
    python(
        folder, "-m", "pytest", "-p", "no:cacheprovider", *documents(), "tests/service/test_description.py", REWRITE="1"
    )
    return folder


def python(copy: Path, *argv: str, folder: Path | None = None, **environment: str) -> str:
    """What a command says that is run with the copy's code."""
    done = subprocess.run(
        [sys.executable, *argv],
        cwd=folder or copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PYTHONPYCACHEPREFIX": f"{copy}.compiled", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def documents() -> list[str]:
    """What `make documents` runs."""
    (tests,) = re.findall(r"^DOCUMENTS := (.+)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    return str(tests).split()


def recipe() -> str:
    text = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    return text.partition("**A new kind or mode.**")[2].partition("\n**")[0]


def changed(copy: Path) -> set[str]:
    names = [path.relative_to(copy).as_posix() for path in copy.rglob("*") if path.is_file()]
    return {name for name in names if (ROOT / name).read_bytes() != (copy / name).read_bytes()}


def size(path: Path) -> tuple[int, int]:
    with Image.open(path) as image:
        return image.size


def test_a_new_kind_takes_what_the_recipe_says_and_nothing_else(copy: Path, tmp_path: Path) -> None:
    named = set(re.findall(r"`((?:mjpipe|schemas|docs)/[\w/.-]+)`", recipe()))
    assert changed(copy) == named

    (tmp_path / "wider.yaml").write_text(CAMPAIGN, "utf-8")
    plan = json.loads(python(copy, "-m", "mjpipe", "plan", "wider.yaml", "--sandbox", "--json", folder=tmp_path))
    schema = json.loads((copy / "schemas" / "plan.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(plan)
    assert [(node["kind"], node["cost"]["low_usd"]) for node in plan["nodes"]] == [
        ("generate", "0.20"),
        ("outpaint", "0.50"),
    ]

    said = python(copy, "-m", "mjpipe", "run", "wider.yaml", "--sandbox", folder=tmp_path)
    assert said.endswith("\nall done\n"), said
    outputs = tmp_path / "out" / "wider.sandbox"
    made = sorted(path.relative_to(outputs) for path in outputs.rglob("*.png"))
    assert [*map(Path.as_posix, made)] == [
        *(f"hero-{number}.png" for number in range(4)),
        "wide/0-0.png",
        "wide/2-0.png",
    ]
    sizes = [size(outputs / name) for name in ("hero-0.png", "wide/0-0.png")]
    assert sizes == [(512, 288), (1024, 576)]
