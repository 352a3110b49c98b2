"""The queue of a run that is restricted to a part: the same jobs in the same order as of the whole, less the others."""

import random
from collections.abc import Iterator
from collections.abc import Set as AbstractSet

import pytest

from mjpipe.domain import Job, JobState, Money
from mjpipe.ledger import Ledger, Verdict
from mjpipe.ledger.database import savepoint, transaction
from tests.ledger.jobs import accept, adopt, decline, follow_up, generation, intend, succeed


def campaign(rows: int) -> list[Job]:
    """Two nodes over some rows, and a follow-up of every other job of the first."""

    def jobs() -> Iterator[Job]:
        for row in range(rows):
            first = generation(f"{row:02}", node="a")
            yield first
            if row % 2:
                yield follow_up(first, 0)
            yield generation(f"{row:02}", node="b")

    return list(jobs())


def queued(ledger: Ledger, *, stopped: frozenset[str] = frozenset(), elapsed: float = 0.0) -> list[str]:
    """The keys, in the order in which they are submitted."""
    return [job.key for job in ledger.queue.first(1000, elapsed, as_of=0.0, priced_only=False, stopped=stopped)]


def expected(ledger: Ledger, chosen: AbstractSet[str] | None, stopped: frozenset[str], elapsed: float) -> list[str]:
    rows = ledger.connection.execute(
        "SELECT key, node FROM jobs WHERE state = 'ready' AND wanted = 1 AND not_before <= ?"
        " ORDER BY depth DESC, position",
        (elapsed,),
    )
    return [key for key, node in rows if node not in stopped and (chosen is None or key in chosen)]


def intend_and_break(ledger: Ledger, elapsed: float, stopped: frozenset[str]) -> None:
    """What is undone leaves the queue as it was."""
    with savepoint(ledger.connection):
        intend(ledger, limit=3, now=elapsed, stopped=[*stopped])
        raise ZeroDivisionError


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("choosing", [True, False])
def test_the_part_is_kept_through_all_that_happens_to_jobs(ledger: Ledger, seed: int, *, choosing: bool) -> None:
    chance = random.Random(seed)
    jobs = campaign(8)
    chosen = {job.key for job in jobs if chance.random() < 0.5} if choosing else None
    adopt(ledger, *jobs)
    if chosen is not None:
        ledger.queue.choose(job for job in jobs if job.key in chosen)
    stopped: frozenset[str] = frozenset()
    for elapsed in range(60):
        assert queued(ledger, stopped=stopped, elapsed=elapsed) == expected(ledger, chosen, stopped, elapsed)
        match chance.randrange(12):
            case 0 if elapsed > 20:
                stopped |= {chance.choice("ab")}
            case 1:
                adopt(ledger, *(job for job in jobs if job.source or chance.random() < 0.9 or job.node == "a"))
            case 2:
                with transaction(ledger.connection), pytest.raises(ZeroDivisionError):
                    intend_and_break(ledger, elapsed, stopped)
            case 3 | 4:
                for intent in intend(ledger, limit=2, now=elapsed, stopped=[*stopped]).intents:
                    decline(ledger, intent, chance.choice([JobState.READY, JobState.FAILED]), Money.AT_RISK)
            case 5:
                ledger.decisions.retry_failed()
            case _:
                for intent in intend(ledger, limit=1, now=elapsed, stopped=[*stopped]).intents:
                    task = accept(ledger, intent)
                    succeed(ledger, task)
                    for follower in ledger.follow_ups.waiting_for(task.job):
                        ledger.follow_ups.release(follower.job, Verdict(state=JobState.READY, not_before=elapsed + 2.0))


def test_the_first_jobs_of_a_part_are_found_without_going_through_the_others(ledger: Ledger) -> None:
    """By the steps that SQLite takes, which no slow machine makes more."""

    def steps() -> int:
        taken = 0

        def step() -> int:
            nonlocal taken
            taken += 1
            return 0

        ledger.connection.set_progress_handler(step, 10)
        queued_first = ledger.queue.first(1, 0.0, as_of=0.0, priced_only=False, stopped=())
        ledger.connection.set_progress_handler(None, 0)
        assert queued_first[0].key == "b/x"
        return taken

    jobs = [*(generation(f"{row:04}", node="a") for row in range(2000)), generation("x", node="b")]
    adopt(ledger, *jobs)
    ledger.queue.choose(job for job in jobs if job.node == "b")
    making, later = steps(), steps()
    assert later < 50 < making
