"""A budget is a promise: no sequence of intents and outcomes breaks it, and the sums are those of the attempts."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
)

from mjpipe.domain import ZERO, Job, JobState, Money, Usd, from_micros, usd
from mjpipe.ledger import Balance, InFlight, Intent, Ledger, Verdict
from tests.ledger.jobs import (
    accept,
    adopt,
    adopted,
    decline,
    follow_up,
    generation,
    intend,
    make,
    states,
    submit,
    succeed,
)

PRICES: tuple[Usd | None, ...] = (None, ZERO, usd("0.10"), usd("0.20"), usd("0.30"), usd("0.000001"), usd("7"))

OUTCOMES = (
    (JobState.READY, Money.FREE),
    (JobState.READY, Money.AT_RISK),
    (JobState.FAILED, Money.FREE),
    (JobState.FAILED, Money.AT_RISK),
    (JobState.IN_DOUBT, Money.AT_RISK),
)


def sums(ledger: Ledger) -> dict[str, tuple[int, int, int]]:
    """Micros, attempts and unpriced attempts by what is known of the price, added up from the attempts themselves."""
    rows = ledger.connection.execute(
        "SELECT money, coalesce(sum(price), 0), count(*), sum(price IS NULL) FROM attempts GROUP BY money"
    )
    return {money: (micros, count, unpriced) for money, micros, count, unpriced in rows}


def kept(ledger: Ledger) -> dict[str, tuple[int, int, int]]:
    rows = ledger.connection.execute("SELECT money, micros, attempts, unpriced FROM money WHERE attempts > 0")
    return {money: (micros, count, unpriced) for money, micros, count, unpriced in rows}


class Campaign(RuleBasedStateMachine):
    """A campaign's life: plans that change, runs that end anyhow, answers of every kind."""

    intents: Bundle[Intent] = Bundle("intents")
    tasks: Bundle[InFlight] = Bundle("tasks")

    def __init__(self) -> None:
        super().__init__()
        self.ledger = Ledger.in_memory()
        self.bound = ZERO

    @initialize(
        budget=st.none() | st.integers(0, 3_000_000).map(from_micros), cap=st.integers(0, 3_000_000).map(from_micros)
    )
    def the_bounds(self, budget: Usd | None, cap: Usd) -> None:
        self.budget, self.cap = budget, cap
        self.bound = min(cap, budget) if budget is not None else cap

    @rule(
        prompts=st.lists(st.integers(0, 5), min_size=1, max_size=4),
        prices=st.lists(st.sampled_from(PRICES), min_size=8),
    )
    def plan(self, prompts: list[int], prices: list[Usd | None]) -> None:
        sources = [
            generation(f"{place}", prompt=f"prompt {prompt}", price=price)
            for place, (prompt, price) in enumerate(zip(prompts, prices, strict=False))
        ]
        jobs = [job for source in sources for job in (source, follow_up(source, 1, price=prices[-1]))]
        assert len(adopted(self.ledger, jobs)) == len(jobs)

    @rule(target=intents, limit=st.integers(1, 4))
    def intend(self, limit: int) -> MultipleResults[Intent]:
        return multiple(*intend(self.ledger, limit=limit, budget=self.budget, cap=self.cap).intents)

    @rule(target=tasks, intent=consumes(intents))
    def accepted(self, intent: Intent) -> InFlight:
        return accept(self.ledger, intent)

    @rule(intent=consumes(intents), outcome=st.sampled_from(OUTCOMES))
    def declined(self, intent: Intent, outcome: tuple[JobState, Money]) -> None:
        decline(self.ledger, intent, *outcome)

    @rule(task=consumes(tasks))
    def succeeded(self, task: InFlight) -> None:
        succeed(self.ledger, task)
        for follower in self.ledger.follow_ups.waiting_for(task.job):
            self.ledger.follow_ups.release(follower.job, Verdict(state=JobState.READY))

    @rule(task=consumes(tasks), again=st.booleans())
    def failed(self, *, task: InFlight, again: bool) -> None:
        verdict = Verdict(state=JobState.READY if again else JobState.FAILED, counts_as_failure=True)
        self.ledger.results.record_failure(
            task, fail_code="x", message="", money=Money.AT_RISK, verdict=verdict, now=0.0
        )

    @invariant()
    def the_budget_holds(self) -> None:
        assert self.ledger.balance().committed <= self.bound

    @invariant()
    def the_sums_are_those_of_the_attempts(self) -> None:
        assert kept(self.ledger) == sums(self.ledger)

    def teardown(self) -> None:
        # What no answer came for is in doubt from the next run on, and its price stays counted.
        before = self.ledger.balance().committed
        self.ledger.submissions.begin_run(0.0)
        assert self.ledger.balance().committed == before
        assert kept(self.ledger) == sums(self.ledger)
        self.ledger.close()


Campaign.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
test_no_sequence_of_intents_and_outcomes_breaks_the_budget = Campaign.TestCase


def prices(*amounts: str) -> list[Job]:
    return [generation(f"{place}", price=usd(amount)) for place, amount in enumerate(amounts)]


def test_the_first_job_that_does_not_fit_ends_the_list_and_is_named(ledger: Ledger) -> None:
    adopt(ledger, *prices("0.20", "0.50", "0.10"))
    batch = intend(ledger, budget=usd("0.69"))
    assert ([intent.key for intent in batch.intents], batch.over_budget) == (["hero/0"], "hero/1")


def test_a_job_that_fits_to_the_last_millionth_is_taken(ledger: Ledger) -> None:
    adopt(ledger, *prices("0.1", "0.1", "0.1"))
    batch = intend(ledger, budget=usd("0.3"))
    assert (len(batch.intents), batch.over_budget) == (3, None)


@pytest.mark.parametrize(("budget", "cap"), [("0.25", "9"), ("9", "0.25")])
def test_of_budget_and_cap_the_lower_one_holds(ledger: Ledger, budget: str, cap: str) -> None:
    adopt(ledger, *prices("0.20", "0.20"))
    assert len(intend(ledger, budget=usd(budget), cap=usd(cap)).intents) == 1


def test_a_budget_covers_the_campaigns_whole_life(ledger: Ledger) -> None:
    (spent, doubtful, reserved, last) = jobs = prices("0.20", "0.20", "0.20", "0.20")
    adopt(ledger, spent)
    make(ledger)
    adopt(ledger, spent, doubtful)
    (intent,) = intend(ledger).intents
    decline(ledger, intent, JobState.IN_DOUBT, Money.AT_RISK)
    adopt(ledger, spent, doubtful, reserved)
    submit(ledger)
    adopt(ledger, *jobs)
    assert ledger.balance() == Balance(spent=usd("0.20"), reserved=usd("0.20"), at_risk=usd("0.20"), unpriced=0)
    assert intend(ledger, budget=usd("0.79")).over_budget == last.key
    assert [intent.key for intent in intend(ledger, budget=usd("0.80")).intents] == [last.key]


def test_what_the_manifest_no_longer_asks_for_still_counts(ledger: Ledger) -> None:
    before, after = generation("a", prompt="blue"), generation("a", prompt="red")
    adopt(ledger, before)
    make(ledger)
    adopt(ledger, after)
    assert intend(ledger, budget=usd("0.39")).over_budget == after.key


def test_money_that_was_certainly_not_billed_is_free_again(ledger: Ledger) -> None:
    adopt(ledger, *prices("0.20"))
    (intent,) = intend(ledger, budget=usd("0.20")).intents
    decline(ledger, intent, JobState.READY, Money.FREE)
    assert ledger.balance().committed == ZERO
    assert len(intend(ledger, budget=usd("0.20")).intents) == 1


def test_under_a_budget_unpriced_jobs_wait_and_do_not_stand_in_the_way(ledger: Ledger) -> None:
    jobs = [generation("a", price=None), generation("b")]
    adopt(ledger, *jobs)
    batch = intend(ledger, budget=usd("9"))
    assert ([intent.key for intent in batch.intents], batch.over_budget, batch.next_at) == (["hero/b"], None, None)
    assert states(ledger, jobs)[0] is JobState.READY


def test_under_a_cap_alone_as_many_unpriced_jobs_run_as_were_agreed_to(ledger: Ledger) -> None:
    adopt(ledger, generation("a", price=None), generation("b", price=None))
    batch = intend(ledger, cap=usd("0.20"), unpriced=1)
    assert ([intent.key for intent in batch.intents], batch.over_budget) == (["hero/a"], "hero/b")
    assert ledger.balance() == Balance(spent=ZERO, reserved=ZERO, at_risk=ZERO, unpriced=1)
    assert intend(ledger, cap=usd("0.20"), unpriced=1).over_budget == "hero/b"


@pytest.mark.parametrize(
    ("budget", "cap", "over_cap"),
    [("0.50", "0.30", True), ("0.30", "0.30", False), ("0.30", "0.50", False), (None, "0.30", True)],
)
def test_a_job_is_over_what_was_agreed_to_only_if_the_budget_has_room_for_it(
    ledger: Ledger, *, budget: str | None, cap: str, over_cap: bool
) -> None:
    adopt(ledger, *prices("0.20", "0.20"))
    batch = intend(ledger, budget=None if budget is None else usd(budget), cap=usd(cap))
    assert (len(batch.intents), batch.over_budget, batch.over_cap) == (1, "hero/1", over_cap)


def test_an_attempt_keeps_the_price_at_which_it_was_reserved(ledger: Ledger) -> None:
    adopt(ledger, generation("a", price=usd("0.20")))
    (task,) = submit(ledger)
    adopt(ledger, generation("a", price=usd("0.90")))
    succeed(ledger, task)
    assert ledger.balance().spent == usd("0.20")
