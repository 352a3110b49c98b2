"""What SQLite adds up for the reports. That it is what the records say, `tests/report/test_short_way.py` shows."""

from dataclasses import replace

from mjpipe.domain import ZERO, JobState, Money, usd
from mjpipe.ledger import AttemptSum, JobSum, Ledger, Records, SumGroup
from tests.ledger.jobs import adopt, decline, follow_up, generation, intend, make

HERO = SumGroup(wanted=True, node="hero", mode="text-to-image", speed="fast", state=JobState.DONE, values=())
FINAL = replace(HERO, node="upscale", mode="upscale", speed=None, state=JobState.WAITING)


def test_jobs_are_added_up_by_what_they_have_in_common_in_the_order_of_the_plan(ledger: Ledger) -> None:
    a, b = generation("a"), generation("b", price=usd("0.000001"))
    adopt(ledger, a, b)
    make(ledger)
    adopt(ledger, b, follow_up(b, 0, price=None), generation("c"), generation("d"))
    assert Records(ledger.connection).job_sums(()) == [
        JobSum(group=HERO, jobs=1, usd=usd("0.000001"), priced=1),
        JobSum(group=FINAL, jobs=1, usd=ZERO, priced=0),
        JobSum(group=replace(HERO, state=JobState.READY), jobs=2, usd=usd("0.40"), priced=2),
        JobSum(group=replace(HERO, wanted=False), jobs=1, usd=usd("0.20"), priced=1),
    ]


def test_attempts_are_added_up_by_their_money_and_results(ledger: Ledger) -> None:
    adopt(ledger, generation("a", price=None), generation("b"))
    (first,) = intend(ledger, limit=1, now=1.0).intents
    decline(ledger, first, JobState.READY, Money.AT_RISK, now=2.0)
    make(ledger)
    records = Records(ledger.connection)
    lost = AttemptSum(
        group=HERO, money=Money.AT_RISK, results=False, recent=False, attempts=1, usd=ZERO, priced=0, images=0
    )
    paid = replace(lost, money=Money.SPENT, results=True, attempts=2, usd=usd("0.20"), priced=1, images=8)
    assert sorted(records.attempt_sums((), None), key=lambda found: found.money) == [lost, paid]
    assert {(found.money, found.recent) for found in records.attempt_sums((), 1.0)} == {
        (Money.AT_RISK, True),
        (Money.SPENT, False),
    }


def test_columns_divide_them_and_a_label_comes_before_a_column_of_the_row(ledger: Ledger) -> None:
    named = [
        generation("a")._replace(row={'of "it"': "x", "line": "row"}, labels={"line": "label"}),
        generation("b")._replace(row={'of "it"': "", "line": "row"}),
        generation("c")._replace(row={}),
    ]
    adopt(ledger, *named)
    sums = Records(ledger.connection).job_sums(["line", 'of "it"', "none"])
    assert [found.group.values for found in sums] == [("label", "x", None), ("row", "", None), (None, None, None)]


def test_columns_of_jobs_that_were_tried_come_in_the_order_of_the_plan_and_then_of_the_orphans(ledger: Ledger) -> None:
    rows = [{"z": "1", "a": "2"}, {"m": "1", "z": "2"}, {"left": "1", "a": "2"}]
    first, second, orphan = (
        generation(name)._replace(row=row, labels={"tag": name}) for name, row in zip("abo", rows, strict=True)
    )
    adopt(ledger, orphan, first, second)
    make(ledger)
    adopt(ledger, first, second, generation("never")._replace(row={"never": "1"}))
    records = Records(ledger.connection)
    assert (records.columns_tried("row"), records.columns_tried("labels")) == (["z", "a", "m", "left"], ["tag"])
