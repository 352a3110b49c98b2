"""Whatever has happened to a state before it is lost: made again of its receipts, it buys nothing that it paid for."""

from hypothesis import given
from hypothesis import strategies as st

from mjpipe.domain import Answered, Job, JobKey, JobState, Money, TaskId
from mjpipe.ledger import InFlight, Intent, JobRecord, Ledger, Records, Verdict
from tests.ledger.jobs import HOST, accept, adopt, fetch, follow_up, generation, intend, succeed
from tests.ledger.receipts.of_ledger import receipt_lines, recorded

HEROES = (generation("a"), generation("b"), generation("c", prompt="b"))
FINALS = tuple(follow_up(hero, number) for hero in HEROES[:2] for number in (0, 1))
SECOND = follow_up(FINALS[0], 0, mode="vary")


def _plan(rerolls: dict[JobKey, TaskId]) -> list[Job]:
    """`rerolls` are the tasks of heroes that a person wants made again."""
    jobs: list[Job] = []
    for hero in HEROES:
        jobs.append(hero._replace(reroll_of=rerolls.get(hero.key)))
        for final in FINALS:
            if final.source is not None and final.source.key == hero.key:
                jobs += [final, SECOND] if final is FINALS[0] else [final]
    return jobs


class _History:
    """A ledger, and what is under way in it."""

    def __init__(self) -> None:
        self.ledger = Ledger.in_memory()
        self.rerolls: dict[JobKey, TaskId] = {}
        self.now = 0.0
        self.intents: list[Intent] = []
        self.tasks: list[InFlight] = []
        self.unfetched: list[InFlight] = []
        self.backup: Ledger | None = None
        adopt(self.ledger, *_plan(self.rerolls))

    def step(self, what: str, which: int) -> None:
        self.now += 1.0
        match what:
            case "intend":
                self.intents += intend(self.ledger, limit=1 + which % 2, now=self.now).intents
            case "accept" if self.intents:
                self.tasks.append(accept(self.ledger, self._next(self.intents, which), now=self.now))
            case "refuse" if self.intents:
                self._answer(which, Answered.REFUSED, Money.FREE, JobState.FAILED)
            case "decline" if self.intents:
                self._answer(which, Answered.NOT_ACCEPTED, Money.FREE, JobState.READY)
            case "gateway" if self.intents:
                self._answer(which, Answered.GATEWAY_FAULT, Money.AT_RISK, JobState.READY)
            case "doubt" if self.intents:
                self._answer(which, Answered.UNKNOWN, Money.AT_RISK, JobState.IN_DOUBT)
            case "succeed" if self.tasks:
                task = self._next(self.tasks, which)
                succeed(self.ledger, task, images=1 if task.key in {final.key for final in FINALS} else 4)
                self.unfetched.append(task)
            case "fail" if self.tasks:
                self._fail(self._next(self.tasks, which), JobState.READY if which % 2 else JobState.FAILED)
            case "fetch" if self.unfetched:
                fetch(self.ledger, self._next(self.unfetched, which))
            case "release":
                release(self.ledger)
            case "reroll":
                self._reroll(which)
            case "kill":
                self.intents = []
                self.ledger.submissions.begin_run(self.now)
            case "not sent":
                self._say(which, None)
            case "name the task":
                self._say(which, TaskId(f"named_{self.now}"))
            case "back up":
                self.backup = Ledger.in_memory()
                self.ledger.connection.backup(self.backup.connection)

    @staticmethod
    def _next(things: list[InFlight] | list[Intent], which: int):  # type: ignore[no-untyped-def]
        return things.pop(which % len(things))

    def _answer(self, which: int, outcome: Answered, money: Money, state: JobState) -> None:
        intent = self._next(self.intents, which)
        verdict = Verdict(state=state, reason="said", code="said")
        self.ledger.submissions.record_no_task(
            intent, outcome=outcome, evidence="seen", money=money, verdict=verdict, now=self.now
        )

    def _fail(self, task: InFlight, state: JobState) -> None:
        self.ledger.results.record_failure(
            task,
            fail_code="INTERNAL_ERROR",
            message="said",
            money=Money.AT_RISK,
            verdict=Verdict(state=state, code="INTERNAL_ERROR"),
            now=self.now,
        )

    def _reroll(self, which: int) -> None:
        hero = HEROES[which % 2]
        task = self.ledger.tasks.of_job(hero.key, hero.fingerprint)
        if task is not None:
            self.rerolls[hero.key] = task
            adopt(self.ledger, *_plan(self.rerolls))

    def _say(self, which: int, task: TaskId | None) -> None:
        doubtful = [job.key for job in wanted(self.ledger) if job.state is JobState.IN_DOUBT]
        if not doubtful:
            return
        key = doubtful[which % len(doubtful)]
        if task is None:
            self.ledger.decisions.resolve_as_not_sent(key)
        elif self.ledger.decisions.resolve_as_task(key, task, self.now):
            self.tasks += [found for found in self.ledger.submissions.in_flight() if found.task == task]


def wanted(ledger: Ledger) -> list[JobRecord]:
    return [job for job in Records(ledger.connection).jobs() if job.wanted]


def release(ledger: Ledger) -> None:
    for source in ledger.follow_ups.sources_waited_for():
        for follower in ledger.follow_ups.waiting_for(source):
            ledger.follow_ups.release(follower.job, Verdict(state=JobState.READY))


def standing(ledger: Ledger) -> dict[JobKey, tuple[JobState, TaskId | None]]:
    return {job.key: (job.state, job.attempt.task if job.attempt else None) for job in wanted(ledger)}


def _by_parts(lines: list[str], plan: list[Job], data: st.DataObject) -> Ledger:
    """A ledger that hears of the attempts in two parts, as from two colleagues, and takes over the plan in between."""
    attempts = recorded(lines)
    first = [attempt for attempt in attempts if data.draw(st.booleans())]
    ledger = Ledger.in_memory()
    for part in (first, attempts):
        ledger.recover(ledger.tasks.unknown_attempts(part), now=20_000.0)
        adopt(ledger, *plan)
    return ledger


def paid_for(ledger: Ledger, but: Answered | None = None) -> set[JobKey]:
    """The keys of jobs that were billed, or possibly were; attempts with the outcome `but` do not count.

    Not of rows with a job that the service has refused: that costs nothing, and a state that was lost asks again.
    """
    jobs = list(Records(ledger.connection).jobs())
    refused = {job.row["sku"] for job in jobs if any(one.outcome is Answered.REFUSED for one in job.attempts)}
    return {
        job.key
        for job in jobs
        for attempt in job.attempts
        if attempt.money is not Money.FREE and (but is None or attempt.outcome is not but)
        if job.row["sku"] not in refused
    }


def would_buy(ledger: Ledger) -> set[JobKey]:
    """What a run would submit at once, and when its sources have succeeded."""
    bought: set[JobKey] = set()
    while True:
        release(ledger)
        intents = intend(ledger, now=10_000.0).intents
        if not intents:
            return bought
        bought |= {intent.key for intent in intents}
        for intent in intents:
            name = TaskId(f"bought_{intent.attempt}")
            task = ledger.submissions.record_task(intent, name, host=HOST, speed_up=1.0, now=10_000.0)
            assert task is not None
            succeed(ledger, task)
            fetch(ledger, task)


STEPS = (
    ["intend", "accept", "succeed", "fetch", "release"] * 4
    + ["refuse", "decline", "gateway", "doubt", "fail", "reroll", "kill", "not sent", "name the task", "back up"]
)  # fmt: skip
KEPT = frozenset({JobState.DONE, JobState.SUCCEEDED, JobState.SUBMITTED, JobState.IN_DOUBT})


@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 3)), max_size=60), st.data())
def test_a_lost_state_buys_nothing_again(steps: list[tuple[str, int]], data: st.DataObject) -> None:
    history = _History()
    for what, which in steps:
        history.step(what, which)
    lost, plan = history.ledger, _plan(history.rerolls)
    lines = receipt_lines(lost)
    lost.submissions.begin_run(20_000.0)
    adopt(lost, *plan)
    lines = (
        data.draw(st.permutations([*lines, *data.draw(st.lists(st.sampled_from(lines), max_size=5))])) if lines else []
    )
    made = [Ledger.in_memory(), *([history.backup] if history.backup else [])]
    for ledger in made:
        ledger.recover(ledger.tasks.unknown_attempts(recorded(lines)), now=20_000.0)
        adopt(ledger, *plan)
        assert ledger.tasks.unknown_attempts(recorded(lines)) == []
    for key, (state, task) in standing(lost).items():
        assert state not in KEPT or standing(made[0])[key] == (state, task)
    assert made[0].balance().committed == lost.balance().committed
    by_parts = _by_parts(lines, plan, data)
    for key, said in standing(made[0]).items():
        found = standing(by_parts)[key]  # an attempt in doubt stays so when another is known to have failed
        assert found == said or (found[0], said[0]) == (JobState.IN_DOUBT, JobState.FAILED)
    assert by_parts.balance() == made[0].balance()
    fresh, *older = made
    paid, tasks = paid_for(lost), paid_for(lost, but=Answered.GATEWAY_FAULT)
    buys = would_buy(lost)
    assert would_buy(fresh) & paid <= buys
    assert would_buy(by_parts) & paid <= buys
    for ledger in older:  # which sends again by itself what a gateway answered
        assert would_buy(ledger) & tasks <= buys
