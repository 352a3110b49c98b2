"""What other programs read of a campaign: `assets.jsonl`, `costs.csv` and the table that `expand` prints."""

import json
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.cli.in_process import InProcess, at
from tests.cli.program import SandboxServer

MANIFEST = """
mjpipe: 1
campaign: season
inputs:
  products: {csv: products.csv, key: sku}
limits: {budget: 50}
prices: {"text-to-image/fast": 0.200002}
nodes:
  hero:
    kind: generate
    for_each: [products]
    params: {prompt: "a {{ name }}"}
    labels: {season: spring, hero: "{{ sku }}"}
  warm: {kind: vary, from: hero, images: [1], params: {type: 1}, labels: {season: summer}}
  final: {kind: upscale, from: [hero, warm], images: pick, params: {type: 0}}
"""


@pytest.fixture
def mjpipe(server: SandboxServer) -> InProcess:
    return at(server)


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    (tmp_path / "products.csv").write_text("sku,name\nT-1,jug\nT-2,cup\n", "utf-8")
    path = tmp_path / "m.yaml"
    path.write_text(MANIFEST, "utf-8")
    return path


def assets(manifest: Path) -> dict[str, dict[str, Any]]:
    """Each line of `assets.jsonl` by the path of its image."""
    text = (manifest.parent / "out" / "season" / "assets.jsonl").read_text("utf-8")
    return {line["path"]: line for line in map(json.loads, text.splitlines())}


def test_an_asset_says_what_the_picture_is_its_label_whether_it_is_picked_and_what_it_cost(
    mjpipe: InProcess, manifest: Path
) -> None:
    mjpipe("run", manifest, code=5)
    before = assets(manifest)
    mjpipe("pick", manifest, "hero/T-1", "2")
    mjpipe("run", manifest, code=5)
    after = assets(manifest)
    with Image.open(manifest.parent / "out" / "season" / "hero" / "T-1-0.png") as picture:
        looks = (picture.width, picture.height, "image/png")
    assert {(line["width"], line["height"], line["media_type"]) for line in after.values()} >= {looks}
    assert [
        (line["image"], line["picked"], line["image_price"]) for line in before.values() if line["key"] == "hero/T-1"
    ] == [
        ("0", None, "0.050002"),
        ("1", None, "0.05"),
        ("2", None, "0.05"),
        ("3", None, "0.05"),
    ]
    assert {path: (line["image"], line["picked"]) for path, line in after.items()} == {
        "hero/T-1-0.png": ("0", False),
        "hero/T-1-1.png": ("1", False),
        "hero/T-1-2.png": ("2", True),
        "hero/T-1-3.png": ("3", False),
        "warm/T-1/1-0.png": ("1-0", None),
        "warm/T-1/1-1.png": ("1-1", None),
        "warm/T-1/1-2.png": ("1-2", None),
        "warm/T-1/1-3.png": ("1-3", None),
        "final/T-1/hero-2-0.png": ("hero-2", None),
        "hero/T-2-0.png": ("0", None),
        "hero/T-2-1.png": ("1", None),
        "hero/T-2-2.png": ("2", None),
        "hero/T-2-3.png": ("3", None),
        "warm/T-2/1-0.png": ("1-0", None),
        "warm/T-2/1-1.png": ("1-1", None),
        "warm/T-2/1-2.png": ("1-2", None),
        "warm/T-2/1-3.png": ("1-3", None),
    }
    spent = json.loads((manifest.parent / "out" / "season" / "report" / "costs.json").read_text())["totals"]["spent"]
    assert sum(Decimal(line["image_price"]) for line in after.values()) == Decimal(spent)


def test_a_picture_that_was_changed_by_hand_is_described_as_it_is_now(mjpipe: InProcess, manifest: Path) -> None:
    mjpipe("run", manifest, code=5)
    file = manifest.parent / "out" / "season" / "hero" / "T-1-0.png"
    as_it_came = file.read_bytes()
    Image.new("RGB", (640, 480), "teal").save(file, "PNG")
    mjpipe("run", manifest, code=5)
    said = assets(manifest)["hero/T-1-0.png"]
    shown = ("changed_by_hand", "sha256", "size", "width", "height", "media_type")
    content = file.read_bytes()
    assert [said[name] for name in shown] == [
        *(True, sha256(content).hexdigest(), len(content)),
        *(640, 480, "image/png"),
    ]
    file.write_bytes(as_it_came)
    mjpipe("run", manifest, code=5)
    again = assets(manifest)
    width, height = (again["hero/T-1-1.png"][name] for name in ("width", "height"))
    assert [again["hero/T-1-0.png"][name] for name in shown] == [
        *(False, sha256(as_it_came).hexdigest(), len(as_it_came)),
        *(width, height, "image/png"),
    ]


def test_follow_ups_have_the_labels_of_what_they_start_from_unless_they_have_their_own(
    mjpipe: InProcess, manifest: Path
) -> None:
    mjpipe("run", manifest, code=5)
    mjpipe("pick", manifest, "hero/T-1", "0")
    mjpipe("pick", manifest, "warm/T-1/1", "3")
    mjpipe("run", manifest, code=5)
    labels = {line["key"]: line["labels"] for line in assets(manifest).values()}
    assert labels == {
        "hero/T-1": {"season": "spring", "hero": "T-1"},
        "warm/T-1/1": {"season": "summer", "hero": "T-1"},
        "final/T-1/hero-0": {"season": "spring", "hero": "T-1"},
        "final/T-1/warm-1-3": {"season": "summer", "hero": "T-1"},
        "hero/T-2": {"season": "spring", "hero": "T-2"},
        "warm/T-2/1": {"season": "summer", "hero": "T-2"},
    }
    mjpipe("report", manifest, "--by", "season")
    costs = json.loads((manifest.parent / "out" / "season" / "report" / "costs.json").read_text("utf-8"))
    assert {group["value"]: group["jobs"]["done"] for group in costs["by"]["season"]} == {"spring": 3, "summer": 3}


EXPORT = """
mjpipe: 1
campaign: shop
inputs:
  products: {csv: products.csv, key: Handle, where: "Status == 'active'"}
limits: {budget: 50}
outputs: {path: "{{ Vendor }}/{{ key }}-{{ number }}.{{ ext }}"}
nodes:
  hero:
    kind: generate
    for_each: [products]
    params: {prompt: "a {{ row['Product Title'] }}, {% include 'style.txt' %}"}
    labels: {type: "{{ Product_Type }}"}
"""


def columns_of_rows(manifest: Path) -> list[str]:
    header = (manifest.parent / "out" / "shop" / "report" / "costs.csv").read_text("utf-8").partition("\r\n")[0]
    return [name.removeprefix("row.") for name in header.split(",") if name.startswith("row.")]


def test_costs_have_the_columns_of_a_shops_export_that_are_used(mjpipe: InProcess, tmp_path: Path) -> None:
    used = ["Handle", "Status", "Vendor", "Product Title", "Colour", "Product Type"]
    unused = [f"Metafield {number}" for number in range(40)]
    cells = ["jug", "active", "Kilnworks", "jug", "blue", "Jugs", *["x"] * 40]
    (tmp_path / "products.csv").write_text(f"{','.join(used + unused)}\n{','.join(cells)}\n", "utf-8")
    (tmp_path / "style.txt").write_text("in {{ Colour }}", "utf-8")
    manifest = tmp_path / "m.yaml"
    manifest.write_text(EXPORT, "utf-8")
    mjpipe("run", manifest)
    assert columns_of_rows(manifest) == used
    mjpipe("report", manifest, "--by", "Metafield 7")
    assert columns_of_rows(manifest) == [*used, "Metafield 7"]
    mjpipe("report", manifest, "--all-columns")
    assert columns_of_rows(manifest) == used + unused
    mjpipe("run", manifest)
    assert columns_of_rows(manifest) == used
    line = json.loads((tmp_path / "out" / "shop" / "assets.jsonl").read_text("utf-8").splitlines()[0])
    assert list(line["row"]) == used + unused
