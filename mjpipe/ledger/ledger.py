"""The ledger: each method is one transaction, guarded by the state that the caller thinks the job is in."""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from mjpipe.domain import (
    Answered,
    Job,
    JobKey,
    JobState,
    Money,
    Standing,
    TaskId,
    UsageFault,
    Usd,
    from_micros,
    micros,
)
from mjpipe.ledger.adoption import Walk, adopt
from mjpipe.ledger.connection import LedgerConnection
from mjpipe.ledger.database import open_database, open_in_memory, transaction
from mjpipe.ledger.queue import Queue
from mjpipe.ledger.results import Results
from mjpipe.ledger.transitions import doubt_interrupted, guarded, move
from mjpipe.ledger.values import (
    Cap,
    InFlight,
    Intent,
    Intents,
    ReadyJob,
    SourceImages,
    Verdict,
)


class Ledger(Results):
    """What survives a crash. Used by one thread at a time; `Writer` shares it with an event loop."""

    def __init__(self, connection: LedgerConnection) -> None:
        super().__init__(connection)
        self._queue = Queue(connection)
        self._to_bind: dict[str, str] = {}
        """what the state will be tied to once something is sent"""

    @classmethod
    def in_memory(cls) -> "Ledger":
        """An empty one, for a campaign that has no state yet."""
        return cls(open_in_memory())

    @classmethod
    def open(cls, path: Path, *, named: Path | None = None) -> "Ledger":
        """Opens or makes the file. `named` is the original of a copy, for messages. Raises StateFault."""
        return cls(open_database(path, named=named))

    def close(self) -> None:
        self._connection.close()

    @property
    def connection(self) -> LedgerConnection:
        return self._connection

    @contextmanager
    def if_agreed(self) -> Iterator[None]:
        """What is recorded inside counts once the block has ended; what raises, as a person's no does, undoes it all.

        Nobody else can write meanwhile; whoever reads sees the state as it was before.
        """
        with transaction(self._connection):
            yield

    # What the state belongs to: from the first intent on. A run that sends nothing leaves it free for another manifest.

    def bind_manifest(self, path: str) -> None:
        """Ties the state to a manifest, by its path from the state's folder."""
        if self.bound("manifest") != path:
            self._bind_once_sent("manifest", path)

    def own_name(self) -> str:
        """A word of this state's own, setting it apart from others that share an output folder; made when first asked
        for.
        """
        if self.bound("name") is None:
            self._bind("name", uuid4().hex[:12])
        return str(self.bound("name"))

    def check_host(self, host: str) -> None:
        """Raises UsageFault when tasks of this state live at another host: their ids mean nothing here."""
        bound = self.bound("host")
        if bound not in (None, host):
            raise UsageFault(
                f"this state belongs to the service at `{bound}`, and this run would go to `{host}`",
                help="check APIXO_BASE_URL, or use another state folder for another service: --state DIR",
            )

    def bind_node(self, node: str, first: str) -> None:
        """Remembers the name under which the jobs of a node were first made, when it is another one."""
        if self.first_name(node) != first:
            self._bind_once_sent(f"node {node}", first)

    def bind_outputs(self, folder: str) -> None:
        """All images that are on disk are in this output folder, or were when it was last looked for them."""
        if self.bound("outputs") != folder:
            self._bind_once_sent("outputs", folder)

    def _bind_once_sent(self, name: str, value: str) -> None:
        if self.has_sent():
            self._bind(name, value)
        else:
            self._to_bind[name] = value

    def close_until(self, moment: float) -> None:
        """The service asked not to be sent submissions until then, in seconds since the epoch; it is open again when it
        accepts one that was intended after this.
        """
        if moment > float(self.bound("closed_until") or 0.0):
            with transaction(self._connection):
                self._bind("closed_until", str(moment))
                (latest,) = self._connection.execute("SELECT max(id) FROM attempts").fetchone()
                self._bind("closed_after", str(latest or 0))

    def _bind(self, name: str, value: str) -> None:
        with transaction(self._connection):
            self._connection.execute("INSERT OR REPLACE INTO bindings VALUES (?, ?)", (name, value))

    def adopt(self, jobs: Iterable[Job]) -> Walk:
        """Makes the planned jobs the wanted ones; nothing is adopted before the iteration has ended."""
        return adopt(self._connection, jobs)

    def choosing(self, pairs: Iterable[tuple[Job, Standing]]) -> Iterator[tuple[Job, Standing]]:
        """Passes jobs on; from now on and for as long as this ledger is open, only these are submitted."""
        self._queue.choose_only()
        for job, standing in pairs:
            self._queue.choose(job)
            yield job, standing

    def ready(self) -> int:
        """How many jobs wait to be submitted, of those that `choosing` left."""
        return self._queue.left()

    def sources_to_check(
        self, *, limit: int, budget: Usd | None, as_of: float, elapsed: float, stopped: Collection[str] = ()
    ) -> list[SourceImages]:
        """What `intend`, asked with the same `as_of`, will send only when it has been looked at; of the first `limit`
        such jobs.
        """
        found: dict[int, SourceImages] = {}
        for attempt, task, key, number, url in self._queue.sources_to_check(
            limit, elapsed, as_of=as_of, priced_only=budget is not None, stopped=stopped
        ):
            found.setdefault(attempt, SourceImages(attempt=attempt, task=task, key=key, urls={})).urls[number] = url
        return [*found.values()]

    def checked(
        self, source: SourceImages, *, urls: Sequence[str], unusable: Mapping[int, Verdict], now: float
    ) -> list[tuple[JobKey, str, Verdict]]:
        """Images were looked at: the service gave `urls`, or none. Jobs that would send an image of `unusable` end with
        its verdict, unsent, also those that this run is not restricted to. Returns key, node and verdict of each.
        """
        with transaction(self._connection):
            self.record_urls(source.attempt, urls, 0.0 if unusable else now)
            ended: list[tuple[JobKey, str, Verdict]] = []
            for number, verdict in unusable.items():
                for job, key, node in self._queue.sending(source.attempt, number):
                    move(self._connection, job, JobState.READY, verdict)
                    ended.append((key, node, verdict))
        return ended

    # Submission

    def begin_run(self, now: float) -> int:
        """What was being submitted when the last run ended is in doubt; gives how many jobs that are.

        Jobs that waited for their next try are ready at once, and patience with a service that does not accept them
        begins again: both were measured by the timer of that run.
        """
        with transaction(self._connection):
            self._bind("run_began", str(now))
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
            balance = self.balance()
            bounds = [micros(bound) for bound in (budget, None if cap is None else cap.usd) if bound is not None]
            room = min(bounds) - micros(balance.committed) if bounds else None
            unpriced_room = None if cap is None else cap.unpriced - balance.unpriced
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
                for name, value in self._to_bind.items():
                    self._bind(name, value)
            next_at = None
            if not intents and over_budget is None:
                next_at = self._queue.next_due(elapsed, priced_only=budget is not None, stopped=stopped)
        if intents:
            self._to_bind.clear()
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

    def accepted(self, intent: Intent, task: TaskId, *, host: str, speed_up: float, now: float) -> InFlight | None:
        """The taskId is known. From the first one on, the state belongs to its host.

        None when another attempt has that taskId already: one of the two answers is wrong, and the job is in doubt.
        """
        with transaction(self._connection):
            other = self._connection.execute("SELECT job FROM attempts WHERE task = ?", (task,)).fetchone()
            if other is not None:
                (key,) = self._connection.execute("SELECT key FROM jobs WHERE id = ?", other).fetchone()
                reason = f"the service answered with task `{task}`, which is that of `{key}`"
                verdict = Verdict(state=JobState.IN_DOUBT, reason=reason, code="task_known")
                self.not_accepted(
                    intent, outcome=Answered.UNKNOWN, evidence=reason, money=Money.AT_RISK, verdict=verdict, now=now
                )
                return None
            if self.bound("speed_up") != str(speed_up):
                self._bind("speed_up", str(speed_up))
            self._connection.execute("INSERT OR IGNORE INTO bindings VALUES ('host', ?)", (host,))
            if intent.attempt > int(self.bound("closed_after") or 0):
                self._connection.execute("DELETE FROM bindings WHERE name IN ('closed_until', 'closed_after')")
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

    def not_accepted(
        self, intent: Intent, *, outcome: Answered, evidence: str, money: Money, verdict: Verdict, now: float
    ) -> None:
        """The submission did not bring a taskId; `verdict` says what that means for the job."""
        with transaction(self._connection):
            self._connection.execute(
                "UPDATE attempts SET outcome = ?, evidence = ?, money = ?, answered = ? WHERE id = ?",
                (outcome, evidence, money, now, intent.attempt),
            )
            move(self._connection, intent.job, JobState.SUBMITTING, verdict)


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
