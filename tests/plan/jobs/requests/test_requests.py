"""What is sent for a row: typed, with what is not given left out."""

from typing import Any

import pytest

from mjpipe.domain import SOURCE_URL, usd
from tests.plan.planning import Plan

GENERATE = """
    inputs: {{rows: {{csv: rows.csv}}}}
    nodes:
      hero: {{kind: generate, for_each: [rows], params: {{prompt: a cat, version: "7", {params}}}}}
"""


def sent(plan: Plan, params: str, rows: str) -> dict[str, Any]:
    """What a generate sends beside mode, prompt and version."""
    planned = plan(GENERATE.format(params=params), rows_csv=rows)
    assert planned.diagnostics == ()
    (job,) = planned.jobs
    return {name: job.request[name] for name in job.request if name not in ("mode", "prompt", "version")}


@pytest.mark.parametrize(
    ("field", "cell", "value"),
    [
        ("stylization", "250", 250),
        ("stylization", " 250 ", 250),
        ("stylization", "250.0", 250),
        ("sv", "4.", 4),
        ("sv", "-6", -6),
        ("iw", "1.5", 1.5),
        ("iw", "1.0", 1),
        ("iw", ".5", 0.5),
        ("iw", "2", 2),
        ("is_hd", "true", True),
        ("is_hd", "FALSE", False),
        ("aspect_ratio", "16:9", "16:9"),
        ("negative_prompt", " no text ", "no text"),
        (
            "image_urls",
            "https://a.example/1.png  http://b.example/2.png",
            ["https://a.example/1.png", "http://b.example/2.png"],
        ),
        ("image_urls", '"https://a.example/1,https://a.example/2"', ["https://a.example/1", "https://a.example/2"]),
        ("image_urls", '"https://a.example/1, https://a.example/2,"', ["https://a.example/1", "https://a.example/2"]),
        ("image_urls", '"https://a.example/w_40,h_30/1.png"', ["https://a.example/w_40,h_30/1.png"]),
        (
            "sref_urls",
            '"[""https://a.example/1,https://a.example/2""]"',
            ["https://a.example/1", "https://a.example/2"],
        ),
        ("sref_urls", "cup.jpg (https://a.example/1)", ["https://a.example/1"]),
        (
            "sref_urls",
            '"jug front.jpg (https://a.example/1),jug (1), new.jpg (https://a.example/2)"',
            ["https://a.example/1", "https://a.example/2"],
        ),
        (
            "sref_urls",
            '"{""url"": ""https://a.example/1.png"", ""weight"": 2}"',
            [{"url": "https://a.example/1.png", "weight": 2}],
        ),
        ("sref_urls", '"[""https://a.example/1.png""]"', ["https://a.example/1.png"]),
    ],
)
def test_a_cell_becomes_what_the_field_takes(plan: Plan, field: str, cell: str, value: object) -> None:
    assert sent(plan, f'{field}: "{{{{ cell }}}}"', f"cell,other\n{cell},x\n") == {"speed": "fast", field: value}


@pytest.mark.parametrize(
    ("written", "version"),
    [("v8.1", "8.1"), ("V7", "7"), ("8.1", "8.1"), (" v6 ", "6"), ("niji 6", "niji 6"), ("v", "v"), ("v8.", "v8.")],
)
def test_a_version_is_sent_and_priced_without_its_v(plan: Plan, written: str, version: str) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv}}
        nodes:
          cell: {kind: generate, for_each: [rows], params: {prompt: a cat, version: "{{ v }}", is_hd: true}}
          literal: {kind: generate, params: {prompt: a cat, version: "WRITTEN", is_hd: true}}
        """.replace("WRITTEN", written),
        rows_csv=f"v,other\n{written},x\n",
    )
    price = usd("0.30") if version == "8.1" else None
    assert [(job.request["version"], job.price) for job in planned.jobs] == [(version, price)] * 2


def test_a_draft_may_say_v7(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv}}
        nodes:
          cell: {kind: generate, for_each: [rows], params: {prompt: a cat, version: "{{ v }}", speed: draft}}
          literal: {kind: generate, params: {prompt: a cat, version: v7, speed: draft}}
          more: {kind: enhance, from: [cell, literal], images: [0]}
        """,
        rows_csv="v,other\nV7,x\n",
    )
    assert planned.diagnostics == ()
    assert [job.price for job in planned.jobs[:1]] == [usd("0.10")]


def test_true_is_not_one(plan: Plan) -> None:
    assert sent(plan, 'is_hd: "{{ cell }}"', "cell,b\ntrue,\n")["is_hd"] is True


def test_what_renders_to_nothing_is_not_given(plan: Plan) -> None:
    params = """sv: "{{ a }}", speed: "{{ a }}", image_urls: ["{{ a }}", "{{ b }}"], negative_prompt: " {{ a }}",
        sref_urls: [{url: "{{ a }}", weight: "{{ b }}"}]"""
    assert sent(plan, params, "a,b,c\n,  ,1\n") == {"speed": "fast"}


def test_a_list_takes_templates_that_each_give_some_or_none(plan: Plan) -> None:
    params = 'image_urls: ["{{ a }}", "https://c.example/{{ b }}.png", "{{ c }}"]'
    assert sent(plan, params, "a,b,c\nhttps://a.example/1 https://a.example/2,x,\n")["image_urls"] == [
        "https://a.example/1",
        "https://a.example/2",
        "https://c.example/x.png",
    ]


def test_a_reference_has_a_url_and_a_weight(plan: Plan) -> None:
    params = 'sref_urls: [{url: "{{ u }}", weight: "{{ w }}"}, {url: "https://b.example/2.png", weight: 0.5}]'
    assert sent(plan, params, "u,w\nhttps://a.example/1.png,2\n")["sref_urls"] == [
        {"url": "https://a.example/1.png", "weight": 2},
        {"url": "https://b.example/2.png", "weight": 0.5},
    ]


def test_objects_are_yaml_with_templates_or_json(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv}}
        nodes:
          fix:
            kind: edit
            for_each: [rows]
            params:
              prompt: a cat
              image_urls: "{{ url }}"
              canvas: {width: "{{ w }}", height: "{{ nothing }}"}
              mask: "{{ mask }}"
        """,
        rows_csv='url,w,mask,nothing\nhttps://a.example/1.png,640,"{""areas"": [{""points"": [1, 2]}]}",\n',
    )
    assert planned.diagnostics == ()
    assert planned.jobs[0].request == {
        "mode": "image-edit",
        "prompt": "a cat",
        "image_urls": ["https://a.example/1.png"],
        "speed": "fast",
        "mask": {"areas": [{"points": [1, 2]}]},
        "canvas": {"width": 640},
    }


def test_relaxed_is_sent_as_fast_with_a_warning(plan: Plan) -> None:
    planned = plan(GENERATE.format(params='speed: "{{ speed }}"'), rows_csv="speed,b\nrelaxed,\nturbo,\nrelaxed,x\n")
    assert [job.request["speed"] for job in planned.jobs] == ["fast", "turbo", "fast"]
    assert planned.said() == ["rows.csv:2:1 MJ081 `relaxed` runs and is billed as `fast`"]
    assert planned.diagnostics[0].also == 1
    assert not planned.diagnostics[0].is_error


def test_an_edit_edits_the_image_of_its_source(plan: Plan) -> None:
    planned = plan(
        """
        nodes:
          hero: {kind: generate, params: {prompt: a cat}}
          fix: {kind: edit, from: hero, images: [1], params: {prompt: a hat}}
        """
    )
    assert planned.jobs[1].request == {
        "mode": "image-edit",
        "prompt": "a hat",
        "image_urls": [SOURCE_URL],
        "speed": "fast",
    }
    assert planned.jobs[1].key == "fix/1"


def test_a_generate_starts_from_the_image_of_its_source_unless_image_urls_says_otherwise(plan: Plan) -> None:
    planned = plan(
        """
        nodes:
          hero: {kind: generate, params: {prompt: a cat}}
          alike: {kind: generate, from: hero, images: [1], params: {prompt: a hat}}
          other: {kind: generate, from: hero, images: [1], params: {prompt: a hat, image_urls: "https://a.example/1.png"}}
          both:
            kind: generate
            from: hero
            images: [1]
            params:
              prompt: a hat
              image_urls: ["https://a.example/1.png", "{{ source.url }}"]
              sref_urls: [{url: "{{ source.url }}", weight: 2}]
        """
    )
    assert planned.diagnostics == ()
    assert [job.request["mode"] for job in planned.jobs[1:]] == ["image-to-image"] * 3
    assert [job.request["image_urls"] for job in planned.jobs[1:]] == [
        [SOURCE_URL],
        ["https://a.example/1.png"],
        ["https://a.example/1.png", SOURCE_URL],
    ]
    assert planned.job("both/1").request["sref_urls"] == [{"url": SOURCE_URL, "weight": 2}]


def test_the_source_is_named_by_its_key(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {rows: [{a: x}], key: a}}
        nodes:
          hero: {kind: generate, for_each: [rows], params: {prompt: a cat}}
          other: {kind: vary, from: hero, images: [1], params: {remixPrompt: "after {{ source.key }}"}}
        """
    )
    assert planned.job("other/x/1").request["remixPrompt"] == "after hero/x"


@pytest.mark.parametrize("prompt", ["see {{ source.url }}", "{{ source.url }}", "{{ source.url | upper }}"])
def test_the_source_url_can_only_be_a_whole_url(plan: Plan, prompt: str) -> None:
    planned = plan(
        f"""
        nodes:
          hero: {{kind: generate, params: {{prompt: a cat}}}}
          other: {{kind: generate, from: hero, images: [1], params: {{prompt: "{prompt}"}}}}
        """
    )
    assert planned.said() == ["campaign.yaml:6:70 MJ068 `source.url` can only be the whole of a URL"]


def test_no_cell_can_pass_for_the_source_url(plan: Plan) -> None:
    planned = plan(
        GENERATE.format(params='image_urls: ["{{ a }}"], negative_prompt: "{{ a }}"'), rows_csv=f"a,b\n{SOURCE_URL},x\n"
    )
    assert [line.split(" ", 2)[1] for line in planned.said()] == ["MJ075", "MJ076"]
    assert planned.jobs == []
