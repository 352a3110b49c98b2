"""A plan that would never end is refused at once, with the arithmetic."""

import pytest

from mjpipe.domain import Diagnostic
from mjpipe.plan import NO_HISTORY
from tests.plan.planning import Plan, Planned

ROOT = """
    nodes:
      n0: {kind: generate, params: {prompt: a jug}}
"""


def levels(count: int, images: str = "all") -> str:
    lines = [
        f"      n{n}: {{kind: vary, from: n{n - 1}, images: {images}, params: {{type: 1}}}}\n"
        for n in range(1, count + 1)
    ]
    return ROOT + "".join(lines)


def rows(*inputs: str, node: str = "for_each: [a, b, c]", count: int = 1_000) -> tuple[str, dict[str, str]]:
    named = ", ".join(f"{name}: {{csv: {name}.csv, key: {name}}}" for name in inputs)
    files = {f"{name}_csv": "\n".join([name, *map(str, range(count))]) for name in inputs}
    return (
        f"""
    inputs: {{{named}}}
    nodes:
      hero: {{kind: generate, {node}, params: {{prompt: "a jug"}}}}
    """,
        files,
    )


def plan_of(plan: Plan, manifest: str, files: dict[str, str]) -> Planned:
    return plan(manifest, NO_HISTORY, **files)


def said(diagnostics: tuple[Diagnostic, ...]) -> list[tuple[str, str, str | None]]:
    return [(found.code, found.message, found.help) for found in diagnostics if found.is_error]


@pytest.mark.parametrize("images", ["all", "pick", "[0, 1, 2, 3]"])
def test_follow_ups_of_follow_ups_without_bound_are_refused_with_the_arithmetic(plan: Plan, images: str) -> None:
    planned = plan(levels(15, images))
    assert said(planned.diagnostics) == [
        (
            "MJ120",
            "`n15` would have 1,073,741,824 jobs, and a campaign has 1,000,000 at most",
            (
                "4 × 4 × 4 × 4 × … × 4 (15 factors, from the images of `n0` on): choose single images on the way, such "
                "as `images: [0]`"
            ),
        )
    ]
    assert planned.jobs == []


def test_as_many_levels_as_anybody_needs_are_planned(plan: Plan) -> None:
    planned = plan(levels(4))
    assert (len(planned.jobs), planned.diagnostics) == (1 + 4 + 16 + 64 + 256, ())


def test_inputs_that_multiply_without_bound_are_refused_with_the_arithmetic(plan: Plan) -> None:
    manifest, files = rows("a", "b", "c")
    assert said(plan_of(plan, manifest, files).diagnostics) == [
        (
            "MJ120",
            "`hero` would have 1,000,000,000 jobs, and a campaign has 1,000,000 at most",
            (
                "1,000 rows of `a` × 1,000 rows of `b` × 1,000 rows of `c`: limit the rows with `where` or `limit`, "
                "walk inputs side by side with `zip`, or make several campaigns"
            ),
        )
    ]


def test_takes_and_the_rows_of_follow_ups_count_too(plan: Plan) -> None:
    manifest, files = rows("a", "b", node="for_each: [a], take: 20", count=300)
    manifest += "  again: {kind: vary, from: hero, for_each: [b], images: all, params: {type: 1}}\n"
    assert said(plan_of(plan, manifest, files).diagnostics)[0][1:] == (
        "`again` would have 7,200,000 jobs, and a campaign has 1,000,000 at most",
        (
            "300 × 20 × 4 × 300 (4 factors, from the rows of `a` on): limit the rows with `where` or `limit`, walk "
            "inputs side by side with `zip`, or make several campaigns"
        ),
    )


@pytest.mark.parametrize(
    "node",
    ["for_each: {zip: [a, b, c]}", "for_each: [a, b, c], where: 'a == b and b == c and a == 5'"],
    ids=["side by side", "where"],
)
def test_what_keeps_few_rows_of_many_is_planned(plan: Plan, node: str) -> None:
    manifest, files = rows("a", "b", "c", node=node, count=30)
    planned = plan_of(plan, manifest, files)
    assert said(planned.diagnostics) == []
    assert len(planned.jobs) in (1, 30)
