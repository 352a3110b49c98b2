"""Who holds a state submits; nobody else does."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from mjpipe.domain import ZERO, JobState, Locked
from mjpipe.ledger import Ledger, Process, this_process
from mjpipe.ledger.reading import holder_of
from tests.ledger.jobs import accept, adopt, fetch, generations, intend, submit, succeed

ELSEWHERE = Process(host="elsewhere", boot="", pid=1, started="")
GONE = replace(this_process(), started="long ago")


@pytest.fixture
def second(ledger: Ledger, tmp_path: Path) -> Iterator[Ledger]:
    """Another connection to the same ledger."""
    with closing(Ledger.open(tmp_path / "ledger.sqlite")) as opened:
        yield opened


def test_a_hold_is_on_record_while_it_lasts(ledger: Ledger, second: Ledger) -> None:
    me = this_process()
    with ledger.hold.kept(me, 5.0):
        held = holder_of(second.connection)
        assert held is not None
        assert (held.process, held.since, held.renewed) == (me, 5.0, 5.0)
        ledger.hold.renew(25.0)
        assert holder_of(second.connection) == held._replace(renewed=25.0)
    assert holder_of(second.connection) is None


def test_a_hold_ends_with_what_is_raised(ledger: Ledger) -> None:
    with pytest.raises(LookupError), ledger.hold.kept(this_process(), 0.0):
        raise LookupError
    assert holder_of(ledger.connection) is None


def test_nobody_gets_what_a_living_process_holds(ledger: Ledger, second: Ledger) -> None:
    me = this_process()
    with (
        ledger.hold.kept(me, 1_800_000_000.0),
        pytest.raises(Locked, match=f"another run holds this campaign: process {me.pid} on {me.host}, since 2027-01-1"),
        second.hold.kept(me, 1_800_009_999.0),
    ):
        pass


@pytest.mark.parametrize(("holder", "now"), [(GONE, 0.0), (ELSEWHERE, 61.0)])
def test_a_hold_of_a_process_that_is_gone_is_taken_over(
    ledger: Ledger, second: Ledger, holder: Process, now: float
) -> None:
    with ledger.hold.kept(holder, 0.0), second.hold.kept(this_process(), now):
        held = holder_of(ledger.connection)
        assert held is not None
        assert held.process == this_process()


def test_a_hold_on_another_host_counts_while_it_gives_signs_of_life(ledger: Ledger, second: Ledger) -> None:
    with ledger.hold.kept(ELSEWHERE, 0.0):
        ledger.hold.renew(40.0)
        with pytest.raises(Locked, match="process 1 on elsewhere"), second.hold.kept(this_process(), 99.0):
            pass
        with second.hold.kept(this_process(), 100.0):
            pass


def test_who_has_lost_the_hold_submits_nothing_more_and_records_what_it_has_submitted(
    ledger: Ledger, second: Ledger
) -> None:
    adopt(ledger, *generations(3))
    with ledger.hold.kept(ELSEWHERE, 0.0):
        (intent,) = intend(ledger, limit=1).intents
        with second.hold.kept(this_process(), 90.0):
            with pytest.raises(Locked, match="this campaign is held by process") as lost:
                intend(ledger)
            assert "`mjpipe run M` carries on" in str(lost.value.help)
            with pytest.raises(Locked):
                ledger.hold.renew(91.0)
            accept(ledger, intent)
            assert len(intend(second).intents) == 2
        with pytest.raises(Locked, match="another run has taken over this campaign"):
            intend(ledger)
    assert ledger.job_counts.by_state() == {("hero", JobState.SUBMITTED): 1, ("hero", JobState.SUBMITTING): 2}


def test_an_answer_that_comes_after_the_hold_was_lost_is_recorded_all_the_same(ledger: Ledger, second: Ledger) -> None:
    (job,) = generations(1)
    adopt(ledger, job)
    with ledger.hold.kept(ELSEWHERE, 0.0):
        (intent,) = intend(ledger).intents
        with second.hold.kept(this_process(), 90.0):
            assert second.submissions.begin_run(90.0) == 1
            assert second.balance().at_risk == job.price
            task = accept(ledger, intent)
            assert (second.balance().reserved, second.balance().at_risk) == (job.price, ZERO)
            assert second.submissions.in_flight() == [task]


def test_a_success_that_both_hear_of_is_recorded_once(ledger: Ledger, second: Ledger) -> None:
    adopt(ledger, *generations(1))
    with ledger.hold.kept(ELSEWHERE, 0.0):
        (task,) = submit(ledger)
        with second.hold.kept(this_process(), 90.0):
            succeed(ledger, task)
            succeed(second, task)
            fetch(second, task)
            fetch(ledger, task)
    assert ledger.job_counts.by_state() == {("hero", JobState.DONE): 1}


def test_who_has_lost_the_hold_leaves_that_of_the_other_alone(ledger: Ledger, second: Ledger) -> None:
    first = ledger.hold.kept(GONE, 0.0)
    first.__enter__()
    with second.hold.kept(this_process(), 0.0):
        held = holder_of(second.connection)
        first.__exit__(None, None, None)
        assert holder_of(second.connection) == held
