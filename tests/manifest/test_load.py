from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.contract import Mode
from mjpipe.domain import Diagnostic, Kind, Place, Usd
from mjpipe.manifest import (
    ChosenImages,
    Limits,
    Loaded,
    Manifest,
    MatrixInput,
    Node,
    Outputs,
    Polling,
    TableFormat,
    TableInput,
    Text,
    load_manifest,
    manifest_from,
)

CAMPAIGN = """\
mjpipe: 1
campaign: spring-teapots
vars: {brand: Kilnworks, season: 2026, ratio: 16:9, discount: 8.10, open: no, note: }
inputs:
  products: {csv: data/products.csv, key: sku, where: "stock != '0'", limit: 10}
  lines: {jsonl: lines.jsonl, key: [a, b], encoding: cp1252}
  cups:
    rows:
      - {name: mug, size: 0.50, glazed: true, note: }
      - {name: "007", size: "1", glazed: false, note: two words}
  looks:
    where: style
    matrix:
      style: [studio, lifestyle]
      ratio: [1:1, 16:9]
      exclude: [{style: lifestyle, ratio: 1:1}]
      include: [{style: macro, ratio: 1:1}]
defaults: {version: 7, speed: fast, type: 1, remixPrompt: warmer}
limits: {concurrency: 2, requests_per_second: 0.5, downloads: 3, max_attempts: 1, task_timeout: 60.5, budget: 25.10,
  on_gateway_timeout: hold}
polling: {first_after: 20, interval: 0.5}
outputs: {dir: ../pictures, path: "{{ key }}.{{ ext }}"}
prices: {enhance: 0.10, "generate/turbo/hd": "0.555555"}
picks: chosen.csv
nodes:
  hero:
    kind: generate
    for_each: [products, looks]
    where: name
    take: 3
    was: main
    labels: {season: "{{ season }}", year: 2026}
    params:
      prompt: >-
        a {{ name }}
        by {{ brand }}
      version: 8.10
      stylization: 250.0
      variety: "{{ variety }}"
      iw: 1.5
      is_hd: true
      image_urls: ["{{ front }}", https://example.com/a.png]
      sref_urls: [{url: "{{ style_url }}", weight: 2}, https://example.com/b.png]
  again: {kind: reroll, from: hero}
  alternates: {kind: vary, from: [hero, again], images: [0, 2], params: {type: 0}}
  cleaned:
    kind: edit
    from: alternates
    images: pick
    params:
      prompt: no cup
      mask: {areas: [{width: 10, height: "{{ h }}", points: [0, 1.5, "{{ x }}"]}]}
  pairs:
    kind: generate
    for_each: {zip: [cups, lines]}
    params: {prompt: 12, mode: image-to-image, oref_urls: "{{ u }}"}
"""


def place(mark: str, behind: str = "") -> Place:
    """Where `mark` first stands behind the first `behind` of the campaign."""
    start = CAMPAIGN.index(mark, CAMPAIGN.index(behind) + len(behind))
    line = CAMPAIGN.count("\n", 0, start)
    column = start - CAMPAIGN.rfind("\n", 0, start)
    text = CAMPAIGN.splitlines()[line]
    return Place(file="dir/campaign.yaml", line=line + 1, column=column, width=len(mark), text=text)


def text_at(source: str, behind: str) -> Text:
    return Text(source, (place(source, behind),))


@pytest.fixture(scope="module")
def campaign() -> Manifest:
    loaded = manifest_from(CAMPAIGN, Path("dir/campaign.yaml"))
    assert loaded.diagnostics == ()
    assert loaded.manifest
    return loaded.manifest


def test_a_manifest_knows_its_file_and_makes_other_paths_absolute(campaign: Manifest) -> None:
    here = Path.cwd()
    assert (campaign.path, campaign.source, campaign.campaign) == (
        Path("dir/campaign.yaml"),
        CAMPAIGN,
        "spring-teapots",
    )
    assert campaign.outputs == Outputs(dir=here / "pictures", path=text_at("{{ key }}.{{ ext }}", "path: "))
    assert campaign.picks == here / "dir/chosen.csv"


def test_limits_polling_and_prices_are_exact(campaign: Manifest) -> None:
    assert campaign.limits == Limits(
        concurrency=2,
        requests_per_second=0.5,
        downloads=3,
        max_attempts=1,
        task_timeout=60.5,
        budget=Usd(Decimal("25.10")),
        hold_on_gateway_timeout=True,
    )
    assert campaign.polling == Polling(first_after=20, interval=0.5)
    assert {key: str(amount) for key, amount in campaign.price_overrides.items()} == {
        "enhance": "0.10",
        "generate/turbo/hd": "0.555555",
    }


def test_variables_and_cells_are_text_as_it_is_written(campaign: Manifest) -> None:
    assert campaign.vars == {
        "brand": "Kilnworks",
        "season": "2026",
        "ratio": "16:9",
        "discount": "8.10",
        "open": "no",
        "note": "",
    }
    assert campaign.inputs["cups"] == TableInput(
        name="cups",
        place=place("cups", "inputs:"),
        path=None,
        format=TableFormat.ROWS,
        rows=(
            {"name": "mug", "size": "0.50", "glazed": "true", "note": ""},
            {"name": "007", "size": "1", "glazed": "false", "note": "two words"},
        ),
        columns=("name", "size", "glazed", "note"),
        row_places=(place("{", "      - "), place("{", "note: }\n      - ")),
        places={"rows": place("rows", "cups:")},
    )


def test_inputs_from_files_keep_what_is_said_of_them(campaign: Manifest) -> None:
    assert campaign.inputs["products"] == TableInput(
        name="products",
        place=place("products", "inputs:"),
        path=Path.cwd() / "dir/data/products.csv",
        format=TableFormat.CSV,
        key=("sku",),
        where=text_at("stock != '0'", "where: "),
        limit=10,
        places={
            "csv": place("data/products.csv"),
            "key": place("sku"),
            "key.sku": place("sku"),
            "where": place("stock != '0'"),
            "limit": place("10", "limit: "),
        },
    )
    assert campaign.inputs["lines"] == TableInput(
        name="lines",
        place=place("lines", "limit: 10}"),
        path=Path.cwd() / "dir/lines.jsonl",
        format=TableFormat.JSONL,
        key=("a", "b"),
        encoding="cp1252",
        places={
            "jsonl": place("lines.jsonl"),
            "key": place("key", "lines.jsonl"),
            "key.a": place("a", "key: ["),
            "key.b": place("b", "key: [a"),
            "encoding": place("cp1252"),
        },
    )


def test_a_matrix_is_multiplied_out(campaign: Manifest) -> None:
    assert campaign.inputs["looks"] == MatrixInput(
        name="looks",
        place=place("looks", "two words"),
        rows=(
            {"style": "studio", "ratio": "1:1"},
            {"style": "studio", "ratio": "16:9"},
            {"style": "lifestyle", "ratio": "16:9"},
            {"style": "macro", "ratio": "1:1"},
        ),
        columns=("style", "ratio"),
        where=text_at("style", "looks:\n    where: "),
    )


def test_params_are_typed_and_defaults_fill_what_the_kind_has(campaign: Manifest) -> None:
    hero = campaign.nodes["hero"]
    prompt = Text(
        "a {{ name }} by {{ brand }}",
        (place("a {{ name }}"),),
        ((0, place("a {{ name }}")), (13, place("by {{ brand }}"))),
    )
    assert hero.params == {
        "prompt": prompt,
        "image_urls": [text_at("{{ front }}", "params:"), text_at("https://example.com/a.png", "params:")],
        "sref_urls": [
            {"url": text_at("{{ style_url }}", "params:"), "weight": 2},
            text_at("https://example.com/b.png", "params:"),
        ],
        "iw": 1.5,
        "version": text_at("8.10", "params:"),
        "speed": text_at("fast", "defaults:"),
        "stylization": 250,
        "variety": text_at("{{ variety }}", "params:"),
        "is_hd": True,
    }
    assert list(hero.params) == [
        *("prompt", "image_urls", "sref_urls", "iw", "version", "speed", "stylization", "variety", "is_hd")
    ]
    assert campaign.nodes["again"].params == {}
    assert campaign.nodes["alternates"].params == {"type": 0, "remixPrompt": text_at("warmer", "defaults:")}


def test_a_node_keeps_its_keys_and_their_places(campaign: Manifest) -> None:
    hero = campaign.nodes["hero"]
    assert hero == Node(
        name="hero",
        kind=Kind.GENERATE,
        place=place("hero", "nodes:"),
        places=hero.places,
        params=hero.params,
        for_each=("products", "looks"),
        where=text_at("name", "looks]\n    where: "),
        take=3,
        labels={"season": text_at("{{ season }}", "labels:"), "year": text_at("2026", "year:")},
        was=("main",),
    )
    assert hero.places == {
        "kind": place("generate", "hero:"),
        "for_each": place("for_each", "hero:"),
        "for_each.products": place("products", "hero:"),
        "for_each.looks": place("looks", "hero:"),
        "where": place("name", "hero:"),
        "take": place("3", "hero:"),
        "was": place("main", "hero:"),
        "labels": place("labels", "hero:"),
        "params": place("params", "hero:"),
        "params.prompt": place("a {{ name }}", "hero:"),
        "params.version": place("8.10", "hero:"),
        "params.stylization": place("250.0", "hero:"),
        "params.variety": place("{{ variety }}", "hero:"),
        "params.iw": place("1.5", "hero:"),
        "params.is_hd": place("true", "hero:"),
        "params.image_urls": place("image_urls", "hero:"),
        "params.sref_urls": place("sref_urls", "hero:"),
        "params.speed": place("fast", "defaults:"),
    }


def test_sources_and_images_are_kept_in_their_order(campaign: Manifest) -> None:
    follow_ups = [(node.sources, node.images) for node in campaign.nodes.values()]
    assert follow_ups == [
        ((), None),
        (("hero",), None),
        (("hero", "again"), (0, 2)),
        (("alternates",), ChosenImages.PICK),
        ((), None),
    ]
    assert [node.mode for node in campaign.nodes.values()] == [
        *(Mode.TEXT_TO_IMAGE, Mode.REROLL, Mode.VARY, Mode.IMAGE_EDIT, Mode.IMAGE_TO_IMAGE)
    ]


def test_objects_have_templates_at_their_leaves(campaign: Manifest) -> None:
    assert campaign.nodes["cleaned"].params["mask"] == {
        "areas": [{"width": 10, "height": text_at("{{ h }}", "mask:"), "points": [0, 1.5, text_at("{{ x }}", "mask:")]}]
    }


def test_inputs_can_be_walked_side_by_side(campaign: Manifest) -> None:
    pairs = campaign.nodes["pairs"]
    assert (pairs.for_each, pairs.zipped) == (("cups", "lines"), True)
    assert pairs.params["prompt"] == text_at("12", "pairs:")


def test_a_bare_manifest_has_the_documented_settings() -> None:
    text = "mjpipe: 1\ncampaign: 2026\nnodes: {hero: {kind: generate, params: {prompt: a pot}}}\n"
    loaded = manifest_from(text, Path("/x/campaign.yaml"))
    assert loaded.diagnostics == ()
    assert loaded.manifest
    bare = loaded.manifest
    assert (bare.campaign, bare.limits, bare.polling, bare.price_overrides) == ("2026", Limits(), None, {})
    assert (bare.outputs, bare.picks) == (Outputs(dir=Path("/x/out/2026"), given=False), Path("/x/picks.csv"))


def test_numbers_written_in_other_ways_are_numbers() -> None:
    params = "{prompt: a pot, variety: 0x10, weirdness: +20, sv: 007, iw: 1e0}"
    loaded = manifest_from(
        f"mjpipe: 1.0\ncampaign: c\nlimits: {{concurrency: 4.0, budget: .5}}\n"
        f"nodes:\n  hero: {{kind: generate, params: {params}}}\n"
        f"  next: {{kind: upscale, from: hero, images: [1.0, 02]}}\n",
        Path("campaign.yaml"),
    )
    assert loaded.diagnostics == ()
    assert loaded.manifest
    hero = loaded.manifest.nodes["hero"].params
    assert [hero[name] for name in ("variety", "weirdness", "sv", "iw")] == [16, 20, 7, 1.0]
    assert loaded.manifest.nodes["next"].images == (1, 2)
    assert (loaded.manifest.limits.concurrency, str(loaded.manifest.limits.budget)) == (4, "0.5")


def test_an_empty_text_takes_a_default_away() -> None:
    loaded = manifest_from(
        'mjpipe: 1\ncampaign: c\ndefaults: {speed: draft, version: "7"}\n'
        'nodes: {hero: {kind: generate, params: {prompt: a pot, speed: "", version: ""}}}\n',
        Path("campaign.yaml"),
    )
    assert loaded.diagnostics == ()
    assert loaded.manifest
    hero = loaded.manifest.nodes["hero"].params
    assert [param.source for param in hero.values() if isinstance(param, Text)] == ["a pot", "", ""]


def test_what_has_errors_knows_which_of_its_parts_are_broken() -> None:
    loaded = manifest_from(
        """\
mjpipe: 1
campaign: c
inputs:
  good: {csv: a.csv}
  bad: {csv: a.csv, colour: red}
nodes:
  sound: {kind: generate, for_each: good, params: {prompt: a pot}}
  warned: {kind: generate, for_each: good, params: {prompt: a pot, speed: relaxed}}
  on_bad_input: {kind: generate, for_each: [good, bad], params: {prompt: a pot}}
  after_it: {kind: vary, from: on_bad_input, images: all}
  after_both: {kind: upscale, from: [sound, after_it], images: all}
  wrong: {kind: generate, params: {prompt: a pot --ar 1:1}}
  without_kind: {params: {prompt: a pot}}
  after_nothing: {kind: upscale, from: without_kind, images: all}
  circle: {kind: vary, from: round, images: all}
  round: {kind: vary, from: circle, images: all}
""",
        Path("campaign.yaml"),
    )
    assert loaded.manifest
    assert {name: set(table.broken) for name, table in loaded.manifest.inputs.items()} == {
        "good": set(),
        "bad": {"colour"},
    }
    assert {name: (node.sources, set(node.broken)) for name, node in loaded.manifest.nodes.items()} == {
        "sound": ((), set()),
        "warned": ((), set()),
        "on_bad_input": ((), set()),
        "after_it": (("on_bad_input",), set()),
        "after_both": (("sound", "after_it"), set()),
        "wrong": ((), {"params.prompt"}),
        "after_nothing": ((), {"from.without_kind"}),
        "circle": ((), {"from"}),
        "round": ((), {"from"}),
    }
    assert [(found.code, found.place.line, str(found.severity)) for found in loaded.diagnostics] == [
        ("MJ011", 5, "error"),
        ("MJ034", 8, "warning"),
        ("MJ031", 12, "error"),
        ("MJ010", 13, "error"),
        ("MJ022", 15, "error"),
    ]


def test_a_file_that_cannot_be_read_is_a_diagnostic(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    message = "the manifest cannot be read: no such file or directory"
    expected = Diagnostic(place=Place(file=str(path), line=1), code="MJ001", message=message)
    assert load_manifest(path) == Loaded(manifest=None, diagnostics=(expected,))
    assert load_manifest(tmp_path).manifest is None


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "campaign.yaml"
    path.write_bytes(b"\xef\xbb\xbfmjpipe: 1\r\ncampaign: c\r\nnodes:\r\n  a: {kind: reroll, form: b}\r\n")
    loaded = load_manifest(path)
    assert [(found.code, found.place.line, found.place.column, found.place.text) for found in loaded.diagnostics] == [
        ("MJ011", 4, 21, "  a: {kind: reroll, form: b}"),
    ]


def test_secrets_are_not_repeated() -> None:
    text = 'mjpipe: 1\ncampaign: c\nvars: {api_key: "sk-1", x: [1]}\npassword: |\n  sk-2\n'
    loaded = manifest_from(text, Path("campaign.yaml"))
    assert {found.code for found in loaded.diagnostics} == {"MJ006", "MJ010", "MJ013"}
    assert "sk-" not in str(loaded.diagnostics)


@pytest.mark.parametrize(
    "text",
    ["api_key: sk-1: 2", "apixo-api-key: 'sk-1", "vars: {Api Key: sk-1, b: [}", "password: a\npassword: sk-1\n"],
)
def test_secrets_are_not_repeated_when_the_file_cannot_be_read_either(text: str) -> None:
    loaded = manifest_from(text, Path("campaign.yaml"))
    assert loaded.diagnostics
    assert "sk-" not in str(loaded.diagnostics)


PIECES = st.sampled_from(CAMPAIGN.split("\n")) | st.sampled_from(
    ["nodes:", "  hero: &h", "    from: hero", "    - *h", "{"]
)


@given(st.lists(PIECES, max_size=12))
def test_whatever_stands_in_a_file_is_reported_and_never_raised(lines: list[str]) -> None:
    loaded = manifest_from("\n".join(["mjpipe: 1", *lines]), Path("campaign.yaml"))
    assert list(loaded.diagnostics) == sorted(set(loaded.diagnostics), key=Diagnostic.order)


VALUES = st.sampled_from(
    [
        "",
        "~",
        "1",
        "-1",
        "1.5",
        "true",
        "hero",
        "[]",
        "{}",
        "[hero]",
        "[0, 9]",
        "{a: b}",
        "[[1]]",
        '"--ar"',
        "all",
        "draft",
    ]
)
KEYS = [line.strip().split(":")[0] for line in CAMPAIGN.splitlines() if ":" in line]


@given(st.data())
def test_any_value_at_any_key_is_reported_and_never_raised(data: st.DataObject) -> None:
    lines = CAMPAIGN.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        number = data.draw(st.integers(0, len(lines) - 1))
        key, colon, _ = lines[number].partition(":")
        lines[number] = f"{key}{colon} {data.draw(VALUES)}"
    loaded = manifest_from("\n".join(lines), Path("campaign.yaml"))
    assert list(loaded.diagnostics) == sorted(set(loaded.diagnostics), key=Diagnostic.order)


@given(st.text())
def test_any_text_is_reported_and_never_raised(text: str) -> None:
    assert manifest_from(text, Path("campaign.yaml")).diagnostics
