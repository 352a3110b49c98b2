"""Which jobs a sample has: rows of one input, with all that is made from them."""

import pytest

from mjpipe.domain import JobState, Standing, UsageFault
from mjpipe.plan import Sample, SampledInput
from tests.plan.planning import Plan, Planned

NEW = Standing(state=JobState.READY, reason="new")
SHOP = """
inputs:
  looks: {matrix: {style: [studio, beach, attic]}}
  products: {csv: products.csv, key: sku}
  flags: {rows: [{country: de}, {country: fr}, {country: it}], key: country}
nodes:
  hero: {kind: generate, for_each: [products, looks], params: {prompt: "{{ name }} {{ style }}"}}
  swatch: {kind: generate, for_each: [products], params: {prompt: "{{ name }}"}}
  large: {kind: upscale, from: hero, images: [0], params: {type: 0}}
  banner: {kind: generate, for_each: [flags], params: {prompt: "{{ country }}"}}
  cover: {kind: generate, params: {prompt: a shelf}}
"""
PRODUCTS = "sku,name,stock\n" + "".join(f"T-{number},pot {number},{number}\n" for number in range(9))


@pytest.fixture
def shop(plan: Plan) -> Planned:
    return plan(SHOP, products_csv=PRODUCTS)


def sampled(planned: Planned, rows: int, of: str | None = None, *, only: str = "") -> list[str]:
    sample = Sample(rows, SampledInput(planned.manifest, of))
    for job in planned.jobs:
        if job.node.startswith(only):
            sample.add((job, NEW))
    return [job.key for job, _ in sample.pairs()]


def parts(keys: list[str], node: str, at: int) -> set[str]:
    return {key.split("/")[at] for key in keys if key.startswith(f"{node}/")}


def test_a_sample_is_rows_of_the_first_input_with_all_that_is_made_from_them(shop: Planned) -> None:
    keys = sampled(shop, 2)
    products = parts(keys, "hero", 1)
    assert len(products) == 2
    assert (parts(keys, "swatch", 1), parts(keys, "large", 1)) == (products, products)
    assert (parts(keys, "hero", 2), parts(keys, "large", 2)) == ({"studio", "beach", "attic"},) * 2
    # Other inputs are sampled for themselves; what has no row is in every sample.
    assert len(parts(keys, "banner", 1)) == 2
    assert len(keys) == 2 * (3 + 3 + 1) + 2 + 1


def test_of_names_another_input(shop: Planned) -> None:
    keys = sampled(shop, 1, "looks")
    assert {key.split("/")[0] for key in keys} == {"hero", "large"}
    assert (len(parts(keys, "hero", 1)), len(parts(keys, "hero", 2)), len(keys)) == (9, 1, 18)


def test_the_sources_of_what_is_made_from_an_input_come_with_its_rows(plan: Plan) -> None:
    planned = plan(
        SHOP.replace("[products, looks]", "[products]")
        .replace(" {{ style }}", "")
        .replace("images: [0],", "images: [0], for_each: [looks],"),
        products_csv=PRODUCTS,
    )
    keys = sampled(planned, 1, "looks")
    assert (len(parts(keys, "hero", 1)), len(parts(keys, "large", 3)), len(keys)) == (9, 1, 18)


def test_a_sample_is_the_same_when_cells_rows_and_looks_change(plan: Plan, shop: Planned) -> None:
    before = parts(sampled(shop, 3), "hero", 1)
    _, *lines = PRODUCTS.splitlines()
    edited = "stock,sku,name\n" + "".join(f"0,{line.rpartition(',')[0]}\n" for line in reversed(lines))
    again = plan(SHOP.replace("attic", "cellar"), products_csv=edited)
    assert parts(sampled(again, 3), "hero", 1) == before


def test_a_sample_is_taken_of_what_is_selected(shop: Planned) -> None:
    assert len(parts(sampled(shop, 2, only="large"), "large", 1)) == 2


def test_rows_without_a_key_are_sampled_by_their_cells(plan: Plan) -> None:
    planned = plan(
        "inputs: {products: {csv: products.csv}}\n"
        'nodes: {hero: {kind: generate, for_each: [products], params: {prompt: "{{ name }}"}}}\n',
        products_csv=PRODUCTS,
    )
    assert len(sampled(planned, 4)) == 4
    assert {*sampled(planned, 2)} < {*sampled(planned, 4)}


@pytest.mark.parametrize(
    ("of", "message", "help_"),
    [
        ("look", "there is no input `look`", "did you mean `looks`?"),
        ("sizes", "no node uses the input `sizes`", "available: `products`, `looks`, `flags`"),
    ],
)
def test_an_input_that_no_node_uses_is_refused(plan: Plan, of: str, message: str, help_: str) -> None:
    planned = plan(SHOP.replace("  flags:", "  sizes: {rows: [{cm: 9}]}\n  flags:"), products_csv=PRODUCTS)
    with pytest.raises(UsageFault) as raised:
        SampledInput(planned.manifest, of)
    assert (str(raised.value), raised.value.help) == (message, help_)
