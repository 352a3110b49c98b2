"""Which recorded attempts a ledger does not know yet, or knows too little of."""

from dataclasses import replace

from mjpipe.domain import Answered, Fingerprint, JobKey, TaskId
from mjpipe.ledger import Ledger
from mjpipe.ledger.receipts import RecordedAttempt, RecoveredFrom
from tests.ledger.jobs import adopt, generation, intend, make

ABROAD = RecordedAttempt(
    uid="00000000000000aa",
    found_in=RecoveredFrom.RECEIPTS,
    host=None,
    campaign=None,
    node="hero",
    key=JobKey("hero/elsewhere"),
    fingerprint=Fingerprint("f" * 64),
    mode="text-to-image",
    intended=1.0,
)


def _uids(ledger: Ledger) -> list[str]:
    return [uid for (uid,) in ledger.connection.execute("SELECT uid FROM attempts ORDER BY id")]


def test_an_attempt_is_known_by_its_uid_or_by_its_task() -> None:
    ledger = Ledger.in_memory()
    adopt(ledger, generation("hero/T-1"))
    make(ledger)
    (uid,) = _uids(ledger)
    task = TaskId("task_1")
    known = [replace(ABROAD, uid=uid, task=task), replace(ABROAD, uid=None, task=task), replace(ABROAD, task=task)]
    unknown = [ABROAD, replace(ABROAD, uid=None, task=TaskId("t-2"))]
    assert ledger.tasks.unknown_attempts([*known, *unknown]) == unknown
    assert ledger.tasks.settled() == {uid}


def test_an_attempt_without_a_task_is_not_settled() -> None:
    ledger = Ledger.in_memory()
    adopt(ledger, generation("hero/T-1"))
    intend(ledger)
    (uid,) = _uids(ledger)
    recorded = replace(ABROAD, uid=uid)
    found = replace(recorded, task=TaskId("t-1"), outcome=Answered.ACCEPTED)
    assert ledger.tasks.unknown_attempts([recorded, found]) == [found]
    assert ledger.tasks.settled() == frozenset()


def test_what_was_set_aside_elsewhere_is_not_known_here() -> None:
    ledger = Ledger.in_memory()
    adopt(ledger, generation("hero/T-1"))
    make(ledger)
    (uid,) = _uids(ledger)
    aside = replace(ABROAD, uid=uid, task=TaskId("task_1"), set_aside=True)
    assert ledger.tasks.unknown_attempts([aside]) == [aside]
    ledger.connection.execute("UPDATE jobs SET set_aside = 1, wanted = 0")
    assert ledger.tasks.unknown_attempts([aside]) == []
