"""What a state has on record about an attempt is evidence for another state."""

from mjpipe.campaign.evidence import recorded_attempt
from mjpipe.ledger import JobRecord, Ledger, Records
from mjpipe.ledger.receipts import RecordedAttempt
from tests.ledger.jobs import adopt, follow_up, generation, make
from tests.ledger.receipts.of_ledger import receipt_lines, recorded

HERO = generation("T-1")
FINAL = follow_up(HERO, 0)


def _jobs(ledger: Ledger) -> list[JobRecord]:
    return list(Records(ledger.connection).jobs())


def _attempts(ledger: Ledger) -> list[RecordedAttempt]:
    return [recorded_attempt(job, attempt, host="api.test") for job in _jobs(ledger) for attempt in job.attempts]


def _recovered(attempts: list[RecordedAttempt]) -> Ledger:
    ledger = Ledger.in_memory()
    ledger.recover(attempts, now=100.0, host="api.test")
    return ledger


def test_a_request_that_was_recovered_in_part_is_completed_by_the_plan_of_the_next_state() -> None:
    made = Ledger.in_memory()
    adopt(made, HERO, FINAL)
    make(made)
    make(made)
    requests = [attempt.request for job in _jobs(made) for attempt in job.attempts]
    from_receipts = _recovered(recorded(receipt_lines(made)))
    assert [attempt.request for attempt in _attempts(from_receipts)] == [None, None]
    from_state = _recovered(_attempts(from_receipts))
    adopt(from_state, HERO, FINAL)
    assert [attempt.request for job in _jobs(from_state) for attempt in job.attempts] == requests
