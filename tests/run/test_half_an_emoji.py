"""Texts that were cut in the midst of a character, which no ledger can hold."""

import httpx
import pytest

from mjpipe.domain import ZERO, JobState, usd
from tests.ledger.jobs import generation
from tests.run.campaign import Campaign, ends
from tests.run.service import Service, accepted, enveloped, failed, first_then_well, succeeded

HALF = "a teapot \ud83d"
DONE, FAILED, IN_DOUBT, SUCCEEDED = JobState.DONE, JobState.FAILED, JobState.IN_DOUBT, JobState.SUCCEEDED


def test_a_refusal_is_a_refusal_and_costs_nothing(campaign: Campaign, service: Service) -> None:
    first_then_well(service, lambda: enveloped(400, message=HALF))
    ending = campaign.run(generation("a"), generation("b"))
    assert (ends(ending), ending.stop, ending.balance.at_risk) == ({FAILED: 1, DONE: 1}, None, ZERO)
    assert str(campaign.record("hero/a").reason).endswith("a teapot \ufffd")


@pytest.mark.parametrize(("code", "message"), [("PromptInvalid", HALF), (HALF, "no")])
def test_a_task_that_fails_so_has_failed(campaign: Campaign, service: Service, code: str, message: str) -> None:
    service.on_status = lambda task, _times: failed(task, code, message) if task == "task_1" else service.succeed(task)
    assert ends(campaign.run(generation("a"), generation("b"))) == {FAILED: 1, DONE: 1}


def test_a_url_that_holds_one_keeps_its_image_away_and_nothing_else(campaign: Campaign, service: Service) -> None:
    service.on_status = lambda task, _times: (
        succeeded(task, [f"https://images.test/{HALF}"]) if task == "task_1" else service.succeed(task)
    )
    service.on_image = lambda url, _times: httpx.Response(404 if "teapot" in url else 200, content=b"")
    ending = campaign.run(generation("a"))
    assert (ends(ending), ending.stop) == ({SUCCEEDED: 1}, None)
    service.on_image = service.on_status = None
    assert ends(campaign.run(generation("a"), generation("b"))) == {DONE: 2}


def test_a_task_id_that_holds_one_leaves_its_job_in_doubt_with_the_evidence(
    campaign: Campaign, service: Service
) -> None:
    first_then_well(service, lambda: accepted("task_\ud83d"))
    ending = campaign.run(generation("a"), generation("b"))
    assert (ends(ending), ending.balance.at_risk) == ({IN_DOUBT: 1, DONE: 1}, usd("0.20"))
    (attempt,) = campaign.record("hero/a").attempts
    assert r"task_\ud83d" in str(attempt.evidence)
