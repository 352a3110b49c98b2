"""What a plan says that its budget holds is what a run then submits."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.in_process import InProcess, at, sandbox
from tests.cli.studio import whole_runs

CAP = """
mjpipe: 1
campaign: cap
inputs:
  products: {rows: [{sku: A, name: jug}, {sku: B, name: cup}, {sku: C, name: dish}], key: sku}
limits: {budget: 0.30, requests_per_second: 1000}
polling: {first_after: 0.1, interval: 0.1}
nodes:
  hero: {kind: generate, for_each: [products], params: {prompt: "a {{ name }}"}}
"""
CHAIN = """
mjpipe: 1
campaign: chain
inputs: {products: {rows: [{sku: A}, {sku: B}, {sku: C}], key: sku}}
limits: {requests_per_second: 1000, concurrency: CONCURRENCY}
prices: {generate: HERO, upscale: FINAL}
nodes:
  hero: {kind: generate, for_each: [products], params: {prompt: "a {{ sku }}"}}
  final: {kind: upscale, from: hero, images: [0, 2], params: {type: 0}}
"""


def held(mjpipe: InProcess, manifest: Path, *argv: str) -> dict[str, Any]:
    budget: dict[str, Any] = mjpipe.plan(manifest, *argv)["budget"]
    return budget


def test_a_plan_above_its_budget_says_how_many_jobs_the_run_submits(tmp_path: Path) -> None:
    manifest = tmp_path / "campaign.yaml"
    manifest.write_text(CAP)
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        said = "\nbudget: $0.30 left, enough for 1 of 3 jobs ($0.20); 2 wait\nPlan: 3 to submit (12 images) · $0.60 · "
        assert said in mjpipe("plan", manifest).out
        assert said in mjpipe("run", manifest, "--dry-run").out
        assert (
            "budget: $0.50 left, enough for 2 of 3 jobs" in mjpipe("run", manifest, "--dry-run", "--budget", "0.50").out
        )
        assert held(mjpipe, manifest) == {
            "left": "0.30",
            "fits": 1,
            "fits_usd": "0.20",
            "exact": True,
            "waits": 2,
            "waits_unpriced": 0,
        }
        mjpipe("run", manifest, code=4)
        assert len(server.tasks()) == 1
        assert "\nbudget: $0.10 left, enough for none of 2 jobs\n" in mjpipe("plan", manifest).out
        mjpipe("run", manifest, code=4)
        assert len(server.tasks()) == 1


PRICES = st.integers(1, 30).map(lambda cents: Decimal(cents) / 100)


@given(hero=PRICES, final=PRICES, same=st.booleans(), share=st.integers(0, 110), concurrency=st.sampled_from([1, 8]))
@whole_runs(8)
def test_a_run_submits_what_the_plan_says_that_its_budget_holds(
    tmp_path_factory: pytest.TempPathFactory, *, hero: Decimal, final: Decimal, same: bool, share: int, concurrency: int
) -> None:
    """Of jobs of one price whatever their order; of others when each ends before the next."""
    final = hero if same else final
    folder = tmp_path_factory.mktemp("campaign")
    text = CHAIN.replace("HERO", str(hero)).replace("FINAL", str(final)).replace("CONCURRENCY", str(concurrency))
    whole = 3 * hero + 6 * final
    budget = (whole * share / 100).quantize(Decimal("0.01"))
    manifest = folder / "campaign.yaml"
    manifest.write_text(text.replace("limits: {", f"limits: {{budget: {budget}, "))
    with sandbox(folder / "service") as server:
        mjpipe = at(server)
        planned = held(mjpipe, manifest)
        ended = mjpipe("run", manifest, code=None)
        assert planned["exact"] == (same or budget >= whole or hero == final)
        assert planned["fits"] + planned["waits"] == 9
        if planned["exact"] or concurrency == 1:
            assert len(server.tasks()) == planned["fits"]
            assert ended.code == (4 if planned["waits"] else 0)
