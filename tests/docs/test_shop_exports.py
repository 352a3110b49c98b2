"""The exports that docs/from-a-shop-export.md reads are planned as they are, by the manifests that it shows."""

import re
from pathlib import Path

import pytest

from mjpipe.manifest import load_manifest
from tests.plan.planning import planned

ROOT = Path(__file__).parents[2]
EXPORTS = ROOT / "examples" / "exports"
PAGE = (ROOT / "docs" / "from-a-shop-export.md").read_text("utf-8")

PROMPTS = {
    "shopify": {
        "hero/OJ-R": "Oak jug, red, A jug of oak and brass. Studio photograph",
        "hero/LC-W": "Linen cup, white, Glazed by hand. Studio photograph",
    },
    "merchant-feed": {"scene/OJ-1": "Oak jug, A jug of oak, brass and cork, on a kitchen table"},
    "airtable": {"scene/Oak-jug": "Oak jug, rustic and warm", "scene/Linen-cup": "Linen cup, minimal"},
    "excel": {
        "hero/K-1": 'Kanne "Öland", studio photograph',
        "hero/T-1": "Tasse, klein, studio photograph",
    },
}
URLS = {
    "scene/OJ-1": [
        "https://cdn.shop.example/w_800,h_800/jug.jpg",
        "https://cdn.shop.example/jug-2.jpg",
        "https://cdn.shop.example/jug-3.jpg",
    ],
    "scene/Oak-jug": ["https://v5.airtableusercontent.example/a/jug.jpg"],
    "scene/Linen-cup": ["https://v5.airtableusercontent.example/b/cup.jpg"],
}


@pytest.mark.parametrize("name", sorted(path.stem for path in EXPORTS.glob("*.yaml")))
def test_an_export_of_a_shop_is_planned_as_the_document_says(name: str) -> None:
    loaded = load_manifest(EXPORTS / f"{name}.yaml")
    assert loaded.manifest is not None
    plan = planned(loaded.manifest)
    assert (loaded.diagnostics, plan.diagnostics) == ((), ())
    assert {job.key: str(job.request["prompt"]).replace("\u00a0", " ") for job in plan.jobs} == PROMPTS[name]
    for job in plan.jobs:
        assert job.request.get("image_urls") == URLS.get(job.key)


def test_the_document_shows_the_inputs_of_these_manifests() -> None:
    shown = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    written = {path.stem: path.read_text("utf-8") for path in EXPORTS.glob("*.yaml")}
    assert len(shown) == len(written) == len(PROMPTS)
    for block in shown:
        assert any(block in text for text in written.values()), block
