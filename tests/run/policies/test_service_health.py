"""A run that waits for the service says so, once, and says when it no longer does."""

import httpx
import pytest

from mjpipe.domain import GatewayFault, JobState, NotAccepted, Refused, ServiceError
from mjpipe.run.policies.service_health import QUIET, RequestKind, ServiceHealth
from tests.ledger.jobs import generations
from tests.run.campaign import Campaign, ends
from tests.run.service import Service, enveloped, first_then_well

SUBMISSION, STATUS = RequestKind.SUBMISSION, RequestKind.STATUS
NOBODY = NotAccepted("nothing could be sent to `x`: nobody listens", code="ConnectError")
BUSY = NotAccepted("the service answered 429", status=429, code="429")
GATEWAY = GatewayFault("a gateway answered", status=502, code="502")

AGAIN, WELL = "the service answers again", "the service answers as it should again"


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([(0, NOBODY), (1, NOBODY), (70, NOBODY)], ["waiting: nothing could be sent to `x`: nobody listens"]),
        ([(0, NOBODY), (9, None)], [f"waiting: {NOBODY}", AGAIN]),
        ([(0, NOBODY), (9, BUSY), (10, BUSY)], [f"waiting: {NOBODY}", f"waiting: {BUSY}"]),
        ([(0, BUSY), (1, None), (2, BUSY), (3, None), (3 + QUIET, None)], [f"waiting: {BUSY}", WELL]),
        ([(0, BUSY), (1, GATEWAY), (2, BUSY), (3, GATEWAY)], [f"waiting: {BUSY}", f"waiting: {GATEWAY}"]),
        ([(0, NOBODY), (1, None), (2, NOBODY), (3, None)], [f"waiting: {NOBODY}", AGAIN]),
        ([(0, BUSY), (QUIET, None), (QUIET + 1, BUSY)], [f"waiting: {BUSY}", WELL, f"waiting: {BUSY}"]),
        ([(0, Refused("the prompt is empty", status=400))], []),
        ([(0, NOBODY), (1, Refused("the prompt is empty", status=400))], [f"waiting: {NOBODY}", AGAIN]),
        ([(0, None)], []),
    ],
)
def test_one_line_at_once_and_another_when_it_changes(
    events: list[tuple[float, ServiceError | None]], said: list[str]
) -> None:
    health = ServiceHealth()
    lines = [
        health.line_about_answer(SUBMISSION, now=now)
        if fault is None
        else health.line_about_fault(fault, SUBMISSION, now=now)
        for now, fault in events
    ]
    assert [line for line in lines if line is not None] == said


def test_what_is_answered_well_to_another_question_does_not_say_that_submissions_are_accepted() -> None:
    health = ServiceHealth()
    health.line_about_fault(BUSY, SUBMISSION, now=0)
    assert health.line_about_answer(STATUS, now=2 * QUIET) is None
    assert health.present == str(BUSY)


@pytest.mark.parametrize(
    ("events", "waits"),
    [
        ([BUSY], True),
        ([BUSY, None], False),
        ([BUSY, None, BUSY], True),
        ([NOBODY, None], False),
        ([NOBODY, None, GATEWAY], True),
    ],
)
def test_a_run_that_was_answered_well_at_last_was_not_waiting_when_it_ended(
    events: list[ServiceError | None], *, waits: bool
) -> None:
    health = ServiceHealth()
    for now, fault in enumerate(events):
        if fault is None:
            health.line_about_answer(SUBMISSION, now=now)
        else:
            health.line_about_fault(fault, SUBMISSION, now=now)
    assert (health.trouble is not None) is waits


def test_a_run_that_nobody_answers_says_it_once_for_all_its_jobs(campaign: Campaign, service: Service) -> None:
    async def nobody() -> httpx.Response:
        raise httpx.ConnectError("connection refused")

    first_then_well(service, *[nobody] * 8)
    ending = campaign.run(*generations(8))
    assert (ends(ending), ending.trouble) == ({JobState.DONE: 8}, None)
    reason = "nothing could be sent to `https://api.test/api/v1`: ConnectError: connection refused"
    assert campaign.notes.lines == [f"waiting: {reason}", "the service answers again"]


def test_a_run_that_is_stopped_while_it_waits_says_what_for(campaign: Campaign, service: Service) -> None:
    first_then_well(service, lambda: enveloped(429, None, Retry_After="1000"))
    ending = campaign.run(*generations(1))
    assert str(ending.trouble).startswith("the service answered 429 (rate or concurrency limit reached)")
