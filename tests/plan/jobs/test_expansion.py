"""Which jobs a manifest asks for, in which order and under which keys."""

from decimal import Decimal
from pathlib import Path

from mjpipe.domain import EXTENSION, Job, Kind, Source
from mjpipe.manifest import manifest_from
from mjpipe.plan import expand, recording_originals
from mjpipe.pricing import load_prices
from tests.plan.planning import HEAD, Plan, Remembered

PRODUCTS = """\
    sku,name
    T-01,teapot
    T-02,mug
    """

HERO = """
    inputs:
      products: {csv: products.csv, key: sku}
      looks: {matrix: {style: [studio, macro], ratio: [1:1, 16:9]}}
    nodes:
      hero:
        kind: generate
        for_each: [products, looks]
        params: {prompt: "a {{ name }}, {{ style }}", aspect_ratio: "{{ ratio }}"}
"""


def test_a_node_makes_a_job_of_each_combination_of_its_inputs(plan: Plan) -> None:
    planned = plan(HERO, products_csv=PRODUCTS)
    assert planned.diagnostics == ()
    assert planned.keys == [
        "hero/T-01/studio/1x1",
        "hero/T-01/studio/16x9",
        "hero/T-01/macro/1x1",
        "hero/T-01/macro/16x9",
        "hero/T-02/studio/1x1",
        "hero/T-02/studio/16x9",
        "hero/T-02/macro/1x1",
        "hero/T-02/macro/16x9",
    ]


def test_a_job_knows_all_that_a_run_and_a_report_need(plan: Plan) -> None:
    job = plan(HERO, products_csv=PRODUCTS).jobs[1]
    assert job.node == "hero"
    assert job.kind is Kind.GENERATE
    assert job.request == {
        "mode": "text-to-image",
        "prompt": "a teapot, studio",
        "speed": "fast",
        "aspect_ratio": "16:9",
    }
    assert job.price == Decimal("0.20")
    assert job.paths == tuple(f"hero/T-01/studio/16x9-{number}.{EXTENSION}" for number in range(4))
    assert job.row == {"sku": "T-01", "name": "teapot", "style": "studio", "ratio": "16:9"}
    assert (job.labels, job.source, job.take, job.depth, job.possible_jobs) == ({}, None, None, 0, ())


def test_a_node_without_rows_is_one_job(plan: Plan) -> None:
    planned = plan('nodes: {cover: {kind: generate, params: {prompt: "a cat"}}}')
    assert planned.keys == ["cover"]
    assert planned.jobs[0].paths == tuple(f"cover-{number}.{EXTENSION}" for number in range(4))


def test_where_and_limit_choose_rows(plan: Plan) -> None:
    planned = plan(
        """
        inputs:
          products: {csv: products.csv, key: sku, where: "stock != '0'", limit: 2}
        nodes:
          hero: {kind: generate, for_each: [products], where: "sku != 'C'", params: {prompt: "{{ sku }}"}}
        """,
        products_csv="sku,stock\nA,0\nB,1\nC,1\nD,1\n",
    )
    assert planned.keys == ["hero/B"]


def test_zipped_inputs_are_walked_side_by_side(plan: Plan) -> None:
    planned = plan(
        """
        inputs:
          names: {rows: [{name: teapot}, {name: mug}], key: name}
          looks: {rows: [{look: red}, {look: blue}], key: look}
        nodes:
          hero: {kind: generate, for_each: {zip: [names, looks]}, params: {prompt: "{{ look }} {{ name }}"}}
        """
    )
    assert planned.keys == ["hero/teapot/red", "hero/mug/blue"]


def test_zipped_inputs_of_unequal_length_are_an_error(plan: Plan) -> None:
    planned = plan(
        """
        inputs:
          names: {rows: [{name: teapot}, {name: mug}], key: name}
          looks: {rows: [{look: red}], key: look}
        nodes:
          hero: {kind: generate, for_each: {zip: [names, looks]}, params: {prompt: "{{ look }} {{ name }}"}}
        """
    )
    assert planned.said() == [
        "campaign.yaml:8:26 MJ059 `zip` needs inputs of equal length: `looks` ends after row 1, `names` goes on"
    ]


def test_takes_are_jobs_that_ask_for_the_same(plan: Plan) -> None:
    planned = plan(
        """
        nodes:
          hero: {kind: generate, take: 2, params: {prompt: a cat}}
          big: {kind: upscale, from: hero, images: [3], params: {type: 0}}
        """
    )
    assert planned.keys == ["hero/t0", "big/t0-3", "hero/t1", "big/t1-3"]
    assert [job.take for job in planned.jobs] == [0, None, 1, None]
    assert planned.jobs[0].fingerprint == planned.jobs[2].fingerprint


def test_followers_come_right_behind_their_source(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {products: {csv: products.csv, key: sku}}
        nodes:
          hero: {kind: generate, for_each: [products], params: {prompt: "{{ name }}"}}
          other: {kind: vary, from: hero, images: [0, 2], params: {type: 1, remixPrompt: "{{ name }}, warmer"}}
          final: {kind: upscale, from: [hero, other], images: [1], params: {type: 0}}
        """,
        products_csv=PRODUCTS,
    )
    one_row = [
        "hero/{}",
        "other/{}/0",
        "final/{}/other-0-1",
        "other/{}/2",
        "final/{}/other-2-1",
        "final/{}/hero-1",
    ]
    assert planned.keys == [key.format(sku) for sku in ("T-01", "T-02") for key in one_row]


def test_a_follower_names_its_source_and_the_image(plan: Plan) -> None:
    planned = plan(
        """
        nodes:
          hero: {kind: generate, params: {prompt: a cat}}
          other: {kind: vary, from: hero, images: [2], params: {type: 1}}
          final: {kind: upscale, from: other, images: [1], params: {type: 0}}
        """
    )
    hero, other, final = planned.jobs
    assert other.source == Source(key=hero.key, fingerprint=hero.fingerprint, number=2)
    assert other.request == {"mode": "vary", "imageIndex": 2, "type": 1}
    assert final.source == Source(key=other.key, fingerprint=other.fingerprint, number=1)
    assert final.request == {"mode": "upscale", "imageIndex": 1, "type": 0}
    assert [job.depth for job in planned.jobs] == [0, 1, 2]
    assert [job.key for job in planned.jobs] == ["hero", "other/2", "final/2-1"]


def test_a_reroll_takes_the_whole_task_and_costs_what_it_did(plan: Plan) -> None:
    planned = plan(
        """
        nodes:
          hero: {kind: generate, params: {prompt: a cat, speed: turbo}}
          other: {kind: vary, from: hero, images: [2], params: {type: 1}}
          again: {kind: reroll, from: [hero, other]}
          twice: {kind: reroll, from: again}
        """
    )
    prices = {job.key: job.price for job in planned.jobs}
    assert prices == {
        "hero": Decimal("0.40"),
        "other/2": Decimal("0.30"),
        "again/other-2": Decimal("0.30"),
        "twice/other-2": Decimal("0.30"),
        "again/hero": Decimal("0.40"),
        "twice/hero": Decimal("0.40"),
    }
    again = planned.job("again/other-2")
    assert again.request == {"mode": "reroll"}
    assert again.source is not None
    assert again.source.number is None
    assert again.paths[3] == f"again/other-2-3.{EXTENSION}"


def test_labels_add_columns_to_a_job(plan: Plan) -> None:
    planned = plan(
        """
        vars: {season: spring}
        inputs: {products: {csv: products.csv, key: sku}}
        nodes:
          hero:
            kind: generate
            for_each: [products]
            labels: {line: "{{ season }} {{ name | upper }}"}
            params: {prompt: "{{ name }}"}
        """,
        products_csv=PRODUCTS,
    )
    assert [job.labels for job in planned.jobs] == [{"line": "spring TEAPOT"}, {"line": "spring MUG"}]


def test_a_follower_with_rows_meets_each_row_with_each_image(plan: Plan) -> None:
    planned = plan(
        """
        inputs:
          products: {csv: products.csv, key: sku}
          moods: {rows: [{mood: calm}, {mood: wild}], key: mood}
        nodes:
          hero: {kind: generate, for_each: [products], params: {prompt: "{{ name }}"}}
          other:
            kind: vary
            from: hero
            for_each: [moods]
            images: [0, 1]
            params: {type: 1, remixPrompt: "{{ name }}, {{ mood }}"}
        """,
        products_csv=PRODUCTS,
    )
    assert planned.keys[:5] == [
        "hero/T-01",
        "other/T-01/calm/0",
        "other/T-01/wild/0",
        "other/T-01/calm/1",
        "other/T-01/wild/1",
    ]
    assert planned.job("other/T-02/wild/1").request["remixPrompt"] == "mug, wild"
    assert planned.job("other/T-02/wild/1").row == {"sku": "T-02", "name": "mug", "mood": "wild"}


PICKED = """
    nodes:
      hero: {kind: generate, params: {prompt: a cat}}
      other: {kind: vary, from: hero, images: pick, params: {type: 1}}
      final: {kind: upscale, from: [hero, other], images: pick, params: {type: 0}}
"""


def test_a_pick_that_nobody_made_keeps_a_place(plan: Plan) -> None:
    hero, other, final = plan(PICKED).jobs
    assert [hero.key, other.key, final.key] == ["hero", "other/?", "final/hero-?"]
    assert other.possible_jobs == (("other", Decimal("0.30")), *[("final", Decimal("0.30"))] * 4) * 4
    assert final.possible_jobs == (("final", Decimal("0.30")),) * 4
    assert other.source == Source(key=hero.key, fingerprint=hero.fingerprint, number=None)
    assert (other.price, other.paths, other.request, other.depth) == (None, (), {"mode": "vary"}, 1)


def test_picks_become_jobs(plan: Plan) -> None:
    known = Remembered(
        images={"hero": (0, 1, 2)},
        picks={("hero", "other"): (1, 3), ("hero", "final"): (), ("other/1", "final"): (2,)},
    )
    planned = plan(PICKED, known)
    assert planned.keys == ["hero", "other/1", "final/other-1-2", "other/3", "final/other-3-?"]


def test_a_pick_of_an_image_that_a_job_can_never_have_is_a_mistake_in_its_line(plan: Plan) -> None:
    """Also when fewer came than were planned: a pick of one of those is skipped."""
    known = Remembered(images={"hero": (0, 1)}, picks={("hero", "other"): (1, 3, 4)})
    planned = plan(PICKED, known)
    assert planned.said() == ["picks.csv:2:1 MJ093 `hero` has no image 4"]
    assert [diagnostic.help for diagnostic in planned.diagnostics] == ["its images count from 0: 0 1"]
    assert [job.key for job in planned.jobs if job.node == "other"] == ["other/1", "other/3"]


def test_a_pick_of_an_image_beyond_those_planned_is_right_when_it_came(plan: Plan) -> None:
    known = Remembered(images={"hero": tuple(range(6))}, picks={("hero", "other"): (5,)})
    assert (plan(PICKED, known).keys[1], plan(PICKED, known).said()) == ("other/5", [])


def test_a_pick_counts_the_images_that_came(plan: Plan) -> None:
    known = Remembered(images={"hero": (0, 1)}, picks={("hero", "other"): ()})
    assert len(plan(PICKED, known).job("final/hero-?").possible_jobs) == 2


def test_no_place_is_kept_where_no_pick_would_bring_a_job(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {looks: {matrix: {style: [studio, macro]}}}
        nodes:
          hero: {kind: generate, for_each: [looks], params: {prompt: "{{ style }}"}}
          other: {kind: vary, from: hero, where: "style == 'studio'", images: pick, params: {type: 1}}
        """
    )
    assert planned.keys == ["hero/studio", "other/studio/?", "hero/macro"]


def test_a_possible_job_counts_rows_takes_and_rerolls(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {moods: {rows: [{mood: calm}, {mood: wild}], key: mood}}
        nodes:
          hero: {kind: generate, params: {prompt: a cat}}
          other: {kind: vary, from: hero, for_each: [moods], take: 3, images: pick, params: {type: 1}}
          again: {kind: reroll, from: other}
          final: {kind: upscale, from: again, images: [0, 2], params: {type: 0}}
        """
    )
    (place,) = [job for job in planned.jobs if job.possible_jobs]
    one = (("other", Decimal("0.30")), ("again", Decimal("0.30")), *[("final", Decimal("0.30"))] * 2)
    assert sorted(place.possible_jobs) == sorted(one * (4 * 2 * 3))


def test_all_images_are_the_planned_ones_until_it_is_known_which_came(plan: Plan) -> None:
    text = """
        nodes:
          hero: {kind: generate, params: {prompt: a cat}}
          final: {kind: upscale, from: hero, images: all, params: {type: 0}}
        """
    assert plan(text).keys == ["hero", "final/0", "final/1", "final/2", "final/3"]
    known = Remembered(images={"hero": (0, 2)}, picks={})
    assert plan(text, known).keys == ["hero", "final/0", "final/2"]


def test_a_chosen_number_is_a_job_whether_it_came_or_not(plan: Plan) -> None:
    text = """
        nodes:
          hero: {kind: generate, params: {prompt: a cat}}
          final: {kind: upscale, from: hero, images: [3], params: {type: 0}}
        """
    assert plan(text, Remembered(images={"hero": (0, 1)}, picks={})).keys == ["hero", "final/3"]


def test_a_wrong_node_leaves_the_others_alone(plan: Plan) -> None:
    planned = plan(
        """
        nodes:
          hero: {kind: generate, params: {prompt: "a {{ nmae }}"}}
          final: {kind: upscale, from: hero, images: [3], params: {type: 0}}
          cover: {kind: generate, params: {prompt: a cat}}
        """
    )
    assert planned.keys == ["cover"]
    assert planned.said() == ["campaign.yaml:5:49 MJ066 `nmae` is not defined here"]


def test_copies_are_read_while_the_originals_are_named(tmp_path: Path) -> None:
    text = (
        HEAD
        + """
inputs: {products: {csv: products.csv, key: sku}}
nodes: {hero: {kind: generate, for_each: [products], params: {prompt: "{{ sku }}", stylization: "{{ s }}"}}}
"""
    )
    (tmp_path / "products.csv").write_text("nothing of use")
    (tmp_path / "copy.csv").write_text("sku,s\nA,1\nB,lots\n")
    manifest = manifest_from(text, tmp_path / "campaign.yaml").manifest
    assert manifest is not None
    jobs: list[Job] = []
    copies = recording_originals({tmp_path / "products.csv": tmp_path / "copy.csv"})
    (diagnostic,) = expand(manifest, load_prices(), jobs.extend, read_instead=copies)
    assert [job.key for job in jobs] == ["hero/A"]
    assert str(diagnostic.place) == f"{tmp_path}/products.csv:3:3"
