"""Submitting jobs: the intent first, then what became of it."""

import json
import sqlite3
from collections.abc import Callable, Collection

from mjpipe.domain import Answered, JobKey, JobState, Money, TaskId, Usd, from_micros, micros
from mjpipe.ledger.balance import balance
from mjpipe.ledger.binder import Binder
from mjpipe.ledger.bindings import Bindings
from mjpipe.ledger.database import transaction
from mjpipe.ledger.queue import Queue
from mjpipe.ledger.transitions import doubt_interrupted, guarded, move
from mjpipe.ledger.values import Cap, InFlight, Intent, Intents, ReadyJob, Verdict


def _ready_job(row: tuple[object, ...]) -> ReadyJob:
    identifier, key, node, request, price, task, url, rerolls = row
    assert isinstance(identifier, int)
    return ReadyJob(
        id=identifier,
        key=JobKey(str(key)),
        node=str(node),
        request=json.loads(str(request)),
        price=from_micros(price) if isinstance(price, int) else None,
        source_task=None if task is None else TaskId(str(task)),
        source_url=None if url is None else str(url),
        rerolls=None if rerolls is None else TaskId(str(rerolls)),
    )


class Submissions:
    """Each attempt is on record, with its price reserved, before it is sent."""

    def __init__(self, connection: sqlite3.Connection, queue: Queue, binder: Binder) -> None:
        self._connection = connection
        self._queue = queue
        self._binder = binder
        self._bindings = Bindings(connection)

    def begin_run(self, now: float) -> int:
        """What was being submitted when the last run ended is in doubt; gives how many jobs that are.

        Jobs that waited for their next try are ready at once, and patience with a service that does not accept them
        begins again: both were measured by the timer of that run.
        """
        with transaction(self._connection):
            self._binder.keep("run_began", str(now))
            self._connection.execute(
                "UPDATE jobs SET held_since = NULL, not_before = 0"
                " WHERE state = 'ready' AND (held_since IS NOT NULL OR not_before <> 0)"
            )
            # An orphan whose files were pruned and that is wanted again: they are fetched, which costs nothing.
            self._connection.execute(
                "UPDATE jobs SET state = 'succeeded' WHERE state = 'done' AND wanted = 1"
                " AND attempt IN (SELECT attempt FROM images WHERE path IS NULL)"
            )
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
        that does not fit ends the list. Under a budget no job is taken whose price is not documented. Nodes in
        `stopped` are left out, jobs whose next try is due later than `elapsed`, in seconds since the run began, and
        jobs that send the URL of a source image which, `as_of` then (None: `now`), has to be looked at before.

        With the first intent of its life the state is tied to its manifest.
        """
        as_of = now if as_of is None else as_of
        with transaction(self._connection):
            spent = balance(self._connection)
            bounds = [micros(bound) for bound in (budget, None if cap is None else cap.usd) if bound is not None]
            room = min(bounds) - micros(spent.committed) if bounds else None
            unpriced_room = None if cap is None else cap.unpriced - spent.unpriced
            intents: list[Intent] = []
            over_budget: JobKey | None = None
            for row in self._queue.first(limit, elapsed, as_of=as_of, priced_only=budget is not None, stopped=stopped):
                job = _ready_job(row)
                if job.price is None:
                    if unpriced_room is not None:
                        if unpriced_room < 1:
                            over_budget = job.key
                            break
                        unpriced_room -= 1
                elif room is not None:
                    if micros(job.price) > room:
                        over_budget = job.key
                        break
                    room -= micros(job.price)
                intents.append(self._record_intent(job, body(job), now))
            if intents:
                self._binder.keep_what_waited()
            next_at = None
            if not intents and over_budget is None:
                next_at = self._queue.next_due(elapsed, priced_only=budget is not None, stopped=stopped)
        return Intents(intents=tuple(intents), over_budget=over_budget, next_at=next_at)

    def _record_intent(self, job: ReadyJob, body: bytes, now: float) -> Intent:
        price = None if job.price is None else micros(job.price)
        (number,) = self._connection.execute("SELECT count(*) + 1 FROM attempts WHERE job = ?", (job.id,)).fetchone()
        cursor = self._connection.execute(
            "INSERT INTO attempts (job, number, body, price, money, intended) VALUES (?, ?, ?, ?, 'reserved', ?)",
            (job.id, number, body, price, now),
        )
        assert cursor.lastrowid is not None
        guarded(
            self._connection,
            "UPDATE jobs SET state = 'submitting', attempt = ?, reason = NULL, code = NULL,"
            " made_of = coalesce(made_of, (SELECT s.attempt FROM jobs s WHERE s.id = jobs.source))"
            " WHERE id = ? AND state = 'ready'",
            (cursor.lastrowid, job.id),
        )
        return Intent(
            attempt=cursor.lastrowid,
            number=number,
            job=job.id,
            key=job.key,
            node=job.node,
            request=job.request if job.rerolls is None else json.loads(body)["input"],
            price=job.price,
            body=body,
        )

    def record_task(self, intent: Intent, task: TaskId, *, host: str, speed_up: float, now: float) -> InFlight | None:
        """The taskId is known. From the first one on, the state belongs to its host.

        None when another attempt has that taskId already: one of the two answers is wrong, and the job is in doubt.
        """
        with transaction(self._connection):
            other = self._connection.execute("SELECT job FROM attempts WHERE task = ?", (task,)).fetchone()
            if other is not None:
                (key,) = self._connection.execute("SELECT key FROM jobs WHERE id = ?", other).fetchone()
                reason = f"the service answered with task `{task}`, which is that of `{key}`"
                verdict = Verdict(state=JobState.IN_DOUBT, reason=reason, code="task_known")
                self.record_no_task(
                    intent, outcome=Answered.UNKNOWN, evidence=reason, money=Money.AT_RISK, verdict=verdict, now=now
                )
                return None
            if self._bindings.get("speed_up") != str(speed_up):
                self._binder.keep("speed_up", str(speed_up))
            self._connection.execute("INSERT OR IGNORE INTO bindings VALUES ('host', ?)", (host,))
            if intent.attempt > int(self._bindings.get("wait_after") or 0):
                self._connection.execute("DELETE FROM bindings WHERE name IN ('wait_until', 'wait_after')")
            self._connection.execute(
                "UPDATE attempts SET outcome = 'accepted', task = ?, answered = ? WHERE id = ?",
                (task, now, intent.attempt),
            )
            guarded(
                self._connection,
                "UPDATE jobs SET state = 'submitted', held_since = NULL WHERE id = ? AND state = 'submitting'",
                (intent.job,),
            )
        return InFlight(
            job=intent.job,
            attempt=intent.attempt,
            key=intent.key,
            node=intent.node,
            request=intent.request,
            task=task,
            accepted=now,
        )

    def record_no_task(
        self, intent: Intent, *, outcome: Answered, evidence: str, money: Money, verdict: Verdict, now: float
    ) -> None:
        """The submission did not bring a taskId; `verdict` says what that means for the job."""
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE attempts SET outcome = ?, evidence = ?, money = ?, answered = ? WHERE id = ?",
                (outcome, evidence, money, now, intent.attempt),
            )
            move(self._connection, intent.job, JobState.SUBMITTING, verdict)

    def in_flight(self) -> list[InFlight]:
        """Tasks whose end is not known, orphans' and extras too, the oldest first."""
        return [
            InFlight(
                job=row[0],
                attempt=row[1],
                key=JobKey(row[2]),
                node=row[3],
                request=json.loads(row[4])["input"],
                task=TaskId(row[5]),
                accepted=row[6],
                extra=bool(row[7]),
                adopted=bool(row[8]),
            )
            for row in self._connection.execute(
                "SELECT j.id, a.id, j.key, j.node, a.body, a.task, a.answered, a.id IS NOT j.attempt,"
                " a.outcome = 'adopted'"
                " FROM attempts a JOIN jobs j ON j.id = a.job"
                # The first term is what the index holds.
                " WHERE a.money <> 'spent' AND a.money = 'reserved' AND a.task IS NOT NULL ORDER BY a.answered"
            )
        ]

    def failures(self, job: int) -> int:
        """How many attempts of the job count against max_attempts."""
        return int(self._connection.execute("SELECT failures FROM jobs WHERE id = ?", (job,)).fetchone()[0])

    def held_since(self, job: int) -> float | None:
        """Since when the service has not been accepting the job, in seconds since the run began; None while it has
        not declined it.
        """
        row = self._connection.execute("SELECT held_since FROM jobs WHERE id = ?", (job,)).fetchone()
        return None if row[0] is None else float(row[0])
