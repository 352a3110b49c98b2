"""What each answer means for the job, for its money and for the run."""

from dataclasses import replace
from itertools import product

import pytest

from mjpipe.contract import FAIL_CODES
from mjpipe.domain import (
    GatewayFault,
    JobState,
    Money,
    NotAccepted,
    NotAuthorised,
    OutOfBalance,
    Refused,
    ServiceError,
    Unknown,
)
from mjpipe.ledger import Verdict
from mjpipe.manifest import Limits
from mjpipe.run.policies.job_decisions import PATIENCE, CircuitBreakers, JobDecision, after_fault, after_task_failure
from mjpipe.run.run_settings import StopReason

NOW = 5000.0
LIMITS = Limits(max_attempts=3)
HOLD = replace(LIMITS, hold_on_gateway_timeout=True)

READY, FAILED, IN_DOUBT = JobState.READY, JobState.FAILED, JobState.IN_DOUBT


def outcome(
    fault: type[ServiceError], *, failures: int = 0, held_for: float = 0.0, limits: Limits = LIMITS
) -> tuple[JobState, Money, StopReason | None, bool]:
    decided = after_fault(
        fault("said", status=418, code="418"),
        number=1,
        failures=failures,
        held_since=NOW - held_for,
        limits=limits,
        elapsed=NOW,
        random=lambda: 0.5,
    )
    return decided.verdict.state, decided.money, decided.stop, decided.verdict.counts_as_failure


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (NotAuthorised, (READY, Money.FREE, StopReason.NOT_AUTHORISED, False)),
        (OutOfBalance, (READY, Money.FREE, StopReason.OUT_OF_BALANCE, False)),
        (Refused, (FAILED, Money.FREE, None, False)),
        (NotAccepted, (READY, Money.FREE, None, False)),
        (GatewayFault, (READY, Money.AT_RISK, None, True)),
        (Unknown, (IN_DOUBT, Money.AT_RISK, None, False)),
        (ServiceError, (IN_DOUBT, Money.AT_RISK, None, False)),
    ],
)
def test_each_class_of_fault_has_one_meaning(
    fault: type[ServiceError], expected: tuple[JobState, Money, StopReason | None, bool]
) -> None:
    assert outcome(fault) == expected


@pytest.mark.parametrize(
    ("fault", "failures", "held_for", "limits"),
    list(product((NotAuthorised, OutOfBalance, Refused, Unknown), (0, 2, 9), (0.0, PATIENCE + 1), (LIMITS, HOLD))),
)
def test_these_mean_the_same_however_often_and_however_long(
    fault: type[ServiceError], failures: int, held_for: float, limits: Limits
) -> None:
    assert outcome(fault, failures=failures, held_for=held_for, limits=limits) == outcome(fault)


@pytest.mark.parametrize(("failures", "state"), [(0, READY), (1, READY), (2, FAILED), (9, FAILED)])
def test_a_gateways_fault_is_sent_again_within_max_attempts_each_at_risk(failures: int, state: JobState) -> None:
    assert outcome(GatewayFault, failures=failures) == (state, Money.AT_RISK, None, True)


@pytest.mark.parametrize("failures", [0, 2])
def test_a_gateways_fault_is_in_doubt_when_the_user_wants_it_held(failures: int) -> None:
    assert outcome(GatewayFault, failures=failures, limits=HOLD) == (IN_DOUBT, Money.AT_RISK, None, False)


@pytest.mark.parametrize("failures", [0, 9])
@pytest.mark.parametrize(("held_for", "state"), [(0.0, READY), (PATIENCE - 1, READY), (PATIENCE + 1, FAILED)])
def test_a_job_that_is_not_accepted_fails_for_free_when_patience_ends(
    held_for: float, state: JobState, failures: int
) -> None:
    assert outcome(NotAccepted, failures=failures, held_for=held_for) == (state, Money.FREE, None, False)


def test_what_is_sent_again_waits_as_long_as_the_service_asked() -> None:
    fault = NotAccepted("said", status=429, code="429", retry_after=40.0)
    decided = after_fault(fault, number=3, failures=0, held_since=None, limits=LIMITS, elapsed=NOW, random=lambda: 0.5)
    assert decided.verdict == Verdict(state=READY, not_before=NOW + 40.0 + 0.5 * 4, held_since=NOW + 40.0)


@pytest.mark.parametrize(("fault", "money"), [(NotAccepted, Money.FREE), (GatewayFault, Money.AT_RISK)])
def test_a_longer_time_than_a_run_waits_closes_the_service_for_all_jobs(
    fault: type[ServiceError], money: Money
) -> None:
    asked = fault("said", status=503, code="503", retry_after=PATIENCE + 1)
    decided = after_fault(asked, number=1, failures=0, held_since=None, limits=LIMITS, elapsed=NOW, random=lambda: 0.5)
    assert (decided.verdict.state, decided.money) == (READY, money)
    assert (decided.stop, decided.closed_for) == (StopReason.ASKED_TO_WAIT, PATIENCE + 1)


def test_patience_is_counted_from_the_first_time_that_a_job_was_not_accepted() -> None:
    fault = NotAccepted("said", status=503, code="503")
    decided = after_fault(
        fault, number=2, failures=0, held_since=NOW - 60.0, limits=LIMITS, elapsed=NOW, random=lambda: 0.0
    )
    assert decided.verdict.held_since == NOW - 60.0


def test_a_failure_says_why_to_people_and_to_machines() -> None:
    decided = after_fault(
        Refused("the prompt is too long", status=400, code="400"),
        number=1,
        failures=0,
        held_since=None,
        limits=LIMITS,
        elapsed=NOW,
        random=lambda: 0.5,
    )
    assert decided.verdict == Verdict(state=FAILED, reason="the prompt is too long", code="400")


RETRYABLE = {
    "Website TimeOut",
    "Task TimeOut",
    "RateLimitExceeded",
    "PROCESSING_TIMEOUT",
    "MODEL_UNAVAILABLE",
    "GENERATION_FAILED",
}


def after(code: str, failures: int = 0) -> JobDecision:
    return after_task_failure(code, "said", failures=failures, limits=LIMITS, elapsed=NOW, random=lambda: 0.5)


@pytest.mark.parametrize("code", [*FAIL_CODES, "unheard of", ""])
def test_only_what_the_documents_call_retryable_is_sent_again_and_all_of_it_is_at_risk(code: str) -> None:
    decided = after(code)
    assert (decided.verdict.state, decided.money) == (READY if code in RETRYABLE else FAILED, Money.AT_RISK)
    assert decided.verdict.counts_as_failure


@pytest.mark.parametrize(("failures", "state"), [(0, READY), (1, READY), (2, FAILED)])
def test_a_retryable_failure_is_sent_again_within_max_attempts(failures: int, state: JobState) -> None:
    assert after("Task TimeOut", failures).verdict.state is state


def test_no_credit_stops_the_run() -> None:
    assert after("INSUFFICIENT_CREDITS").stop is StopReason.OUT_OF_BALANCE


def failure(code: str) -> Verdict:
    return Verdict(state=FAILED, reason=f"because of {code}", code=code)


def test_five_failures_in_a_row_with_one_code_stop_their_node_alone() -> None:
    breakers = CircuitBreakers()
    for _ in range(4):
        assert breakers.note_bad_end("hero", failure("400")) is None
    assert breakers.note_bad_end("other", failure("400")) is None
    assert breakers.stopped == {}
    assert breakers.note_bad_end("hero", failure("400")) is None
    assert breakers.stopped == {"hero": "because of 400"}


@pytest.mark.parametrize("between", ["another code", "a success"])
def test_what_comes_between_begins_a_new_row(between: str) -> None:
    breakers = CircuitBreakers()
    for _ in range(3):
        for _ in range(4):
            breakers.note_bad_end("hero", failure("400"))
        if between == "a success":
            breakers.note_success("hero")
        else:
            breakers.note_bad_end("hero", failure("422"))
    assert breakers.stopped == {}


def test_five_unknown_outcomes_in_a_row_stop_submission() -> None:
    breakers = CircuitBreakers()
    doubt = Verdict(state=IN_DOUBT)
    assert [breakers.note_bad_end(node, doubt) for node in "abcde"] == [None, None, None, None, StopReason.DOUBTS]


def test_an_acceptance_begins_a_new_row_of_unknown_outcomes() -> None:
    breakers = CircuitBreakers()
    for _ in range(3):
        assert [breakers.note_bad_end("hero", Verdict(state=IN_DOUBT)) for _ in range(4)] == [None] * 4
        breakers.note_known_outcome()
