"""What was paid for is found by its fingerprint, whatever the name of its node is now."""

from mjpipe.domain import Amount, JobState, Kind, Money, usd
from mjpipe.ledger import Ledger, PaidJob
from tests.ledger.jobs import accept, adopt, decline, follow_up, generation, intend

HERO = generation("a")
WITHOUT_PRICE = generation("b", node="cover", price=None)
DECLINED = generation("c", node="declined")
LOST = generation("d", node="lost")


def sent(ledger: Ledger) -> None:
    """Two jobs became tasks, one was declined, of one the answer was lost, and a follow-up was only planned."""
    adopt(ledger, HERO, follow_up(HERO, 0), WITHOUT_PRICE, DECLINED, LOST)
    hero, without_price, declined, lost = intend(ledger).intents
    accept(ledger, hero)
    accept(ledger, without_price)
    decline(ledger, declined, JobState.READY, Money.FREE)
    decline(ledger, lost, JobState.IN_DOUBT, Money.AT_RISK)


def found(ledger: Ledger) -> list[PaidJob | None]:
    jobs = (HERO, follow_up(HERO, 0), WITHOUT_PRICE, DECLINED, LOST)
    return [ledger.paid_jobs.with_fingerprint(job.fingerprint) for job in jobs]


def test_what_was_possibly_paid_for_is_found_and_what_is_free_is_not(ledger: Ledger) -> None:
    sent(ledger)
    paid = usd("0.20")
    assert found(ledger) == [
        PaidJob(node="hero", price=Amount.of([paid])),
        None,
        PaidJob(node="cover", price=Amount.of([None])),
        None,
        PaidJob(node="lost", price=Amount.of([paid])),
    ]
    generated = frozenset({Kind.GENERATE})
    assert ledger.paid_jobs.nodes() == {"hero": generated, "cover": generated, "lost": generated}


def test_what_was_set_aside_counts_for_nothing(ledger: Ledger) -> None:
    """A person has said to pay for it again."""
    sent(ledger)
    ledger.connection.execute("UPDATE jobs SET set_aside = 1")
    assert (found(ledger), ledger.paid_jobs.nodes()) == ([None] * 5, {})
