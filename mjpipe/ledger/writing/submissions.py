"""Submitting jobs: the intent first, then the answer."""

import json
from collections.abc import Callable, Collection, Iterable
from typing import NamedTuple

from mjpipe.domain import Answered, JobKey, JobState, Money, TaskId, Usd, micros
from mjpipe.ledger.database import LedgerConnection, queries, transaction
from mjpipe.ledger.reading import balance
from mjpipe.ledger.values import Cap, InFlight, Intent, Intents, ReadyJob, Verdict
from mjpipe.ledger.writing.binder import Binder
from mjpipe.ledger.writing.hold import Hold
from mjpipe.ledger.writing.queue import Queue
from mjpipe.ledger.writing.room import Room
from mjpipe.ledger.writing.transitions import change_one, doubt_interrupted, move

_SQL = queries(__file__)


class Submissions:
    """Records attempts and answers: each attempt is on record, with its price reserved, before it is sent."""

    def __init__(self, connection: LedgerConnection, queue: Queue, binder: Binder, hold: Hold) -> None:
        self._connection = connection
        self._queue = queue
        self._binder = binder
        self._hold = hold
        self.on_intent: Callable[[Intent], None] | None = None
        """Is given each intent inside its transaction: there is more to do before it may be sent"""

    def begin_run(self, now: float) -> int:
        """Puts in doubt what was being submitted when the last run ended. Returns how many jobs that are.

        Jobs that waited for their next try are ready at once, and patience with a service that does not accept them
        begins again: both were measured by the timer of that run.
        """
        with transaction(self._connection):
            self._binder.write("run_began", str(now))
            self._connection.execute(_SQL["try_again"])
            self._connection.execute(_SQL["fetch_again"])
            return doubt_interrupted(self._connection, now)

    def doubt_interrupted(self, now: float) -> int:
        """As `begin_run`, without beginning one."""
        with transaction(self._connection):
            return doubt_interrupted(self._connection, now)

    def intend(
        self,
        *,
        limit: int,
        budget: Usd | None,
        cap: Cap | None,
        now: float,
        as_of: float | None = None,
        elapsed: float,
        body: Callable[[ReadyJob], bytes],
        stopped: Collection[str] = (),
    ) -> Intents:
        """Records the intent to submit up to `limit` ready jobs, deepest first, and reserves their prices.

        No job is taken that would bring the campaign's costs over `budget` or `cap` (None: no such bound); the first
        that does not fit ends the list. Under a budget no job without a documented price is taken. Left out are nodes
        in `stopped`, jobs that are due later than `elapsed`, in seconds since the run began, and jobs that send the URL
        of a source image that has to be checked first, `as_of` that time (None: `now`).

        The first intent ties the state to its manifest. Raises Locked when another process holds the state now,
        and StateMoved when the state is no longer where this process took hold of it.
        """
        as_of, priced_only = now if as_of is None else as_of, budget is not None
        with transaction(self._connection):
            self._hold.check()
            room = Room(balance(self._connection), budget=budget, cap=cap)
            intents: list[Intent] = []
            over_budget: JobKey | None = None
            over_cap = False
            next_at: float | None = None
            for job in self._queue.first(limit, elapsed, as_of=as_of, priced_only=priced_only, stopped=stopped):
                if not room.takes(job.price):
                    over_budget, over_cap = job.key, room.budget_takes(job.price)
                    break
                intents.append(self._record_intent(job, body(job), now))
            if intents:
                self._binder.write_deferred()
            elif over_budget is None:
                next_at = self._queue.next_due(elapsed, priced_only=priced_only, stopped=stopped)
        return Intents(intents=tuple(intents), over_budget=over_budget, over_cap=over_cap, next_at=next_at)

    def _record_intent(self, job: ReadyJob, body: bytes, now: float) -> Intent:
        price = None if job.price is None else micros(job.price)
        values = {"job": job.id, "body": body, "price": price, "now": now}
        ((attempt, number),) = self._connection.execute(_SQL["intend"], values).fetchall()
        change_one(self._connection, _SQL["submitting"], {"job": job.id, "attempt": attempt})
        intent = Intent(
            attempt=attempt,
            number=number,
            job=job.id,
            key=job.key,
            node=job.node,
            request=job.request if job.rerolls is None else json.loads(body)["input"],
            price=job.price,
            body=body,
        )
        if self.on_intent is not None:
            self.on_intent(intent)
        return intent

    def withdraw(self, intents: Iterable[Intent], why: str) -> None:
        """These were never sent: their jobs are ready again, and nothing was paid."""
        with transaction(self._connection):
            for intent in intents:
                self._connection.execute(_SQL["withdrawn"], (why, intent.attempt))
                move(self._connection, intent.job, JobState.SUBMITTING, Verdict(state=JobState.READY))

    def record_task(self, intent: Intent, task: TaskId, *, host: str, speed_up: float, now: float) -> InFlight | None:
        """The taskId is known. From the first one on, the state belongs to its host.

        None when another attempt has that taskId already: one of the two answers is wrong, and the job is in doubt.
        """
        with transaction(self._connection):
            other = self._connection.value(_SQL["key_of_task"], (task,))
            if other is not None:
                self._record_known_task(intent, task, JobKey(other), now)
                return None
            self._binder.service(host, speed_up)
            self._binder.wait_no_longer(intent.attempt)
            self._connection.execute(_SQL["accepted"], (task, now, intent.attempt))
            if not self._connection.execute(_SQL["submitted"], (intent.job,)).rowcount:
                self._take_out_of_doubt(intent)
        return InFlight(
            job=intent.job,
            attempt=intent.attempt,
            key=intent.key,
            node=intent.node,
            request=intent.request,
            task=task,
            accepted=now,
        )

    def _take_out_of_doubt(self, intent: Intent) -> None:
        """Another run has taken over the state meanwhile, and took this attempt for one without an answer."""
        change_one(self._connection, _SQL["no_longer_in_doubt"], (intent.job, intent.attempt))
        change_one(self._connection, _SQL["no_longer_at_risk"], (intent.attempt,))

    def _record_known_task(self, intent: Intent, task: TaskId, other: JobKey, now: float) -> None:
        seen = f"the service answered with task `{task}`, which is that of `{other}`"
        verdict = Verdict(state=JobState.IN_DOUBT, reason=seen, code="task_known")
        self.record_no_task(
            intent, outcome=Answered.UNKNOWN, evidence=seen, money=Money.AT_RISK, verdict=verdict, now=now
        )

    def record_no_task(
        self, intent: Intent, *, outcome: Answered, evidence: str, money: Money, verdict: Verdict, now: float
    ) -> None:
        """No taskId came. `verdict` says what that means for the job, `money` for its price."""
        with transaction(self._connection):
            self._connection.execute(_SQL["no_task"], (outcome, evidence, money, now, intent.attempt))
            move(self._connection, intent.job, JobState.SUBMITTING, verdict)

    def in_flight(self) -> list[InFlight]:
        """Tasks that have not ended, as far as is known, orphans' and extras' too, the oldest first."""
        return [_in_flight(row) for row in self._connection.rows(_Task, _SQL["in_flight"])]

    def failures(self, job: int) -> int:
        """How many attempts of the job count against max_attempts."""
        return int(self._connection.value("SELECT failures FROM jobs WHERE id = ?", (job,)))

    def held_since(self, job: int) -> float | None:
        """Since when the service has not been accepting the job, in seconds since the run began; None while it has
        not declined it.
        """
        since = self._connection.value("SELECT held_since FROM jobs WHERE id = ?", (job,))
        return None if since is None else float(since)


class _Task(NamedTuple):
    job: int
    attempt: int
    key: str
    node: str
    body: bytes
    task: str
    answered: float
    extra: int
    adopted: int
    recovered: int


def _in_flight(row: _Task) -> InFlight:
    return InFlight(
        job=row.job,
        attempt=row.attempt,
        key=JobKey(row.key),
        node=row.node,
        request=json.loads(row.body)["input"],
        task=TaskId(row.task),
        accepted=row.answered,
        extra=bool(row.extra),
        adopted=bool(row.adopted),
        recovered=bool(row.recovered),
    )
