"""Submitting: the intention is on record before a request leaves, the taskId before anything else happens to it."""

import asyncio
from collections.abc import Callable
from functools import partial
from http import HTTPStatus
from typing import Any

from mjpipe.apixo import Accepted, submission_body
from mjpipe.contract import SECONDARY, TASK_ID, Mode
from mjpipe.domain import SOURCE_URL, JobState, Json, Money, ServiceError, StateFault, Unknown
from mjpipe.ledger import InFlight, Intent, Intents, Ledger, ReadyJob, Verdict
from mjpipe.run.floor import Floor
from mjpipe.run.outcomes import Outcome, after_fault
from mjpipe.run.poller import Poller
from mjpipe.run.progress import Tally
from mjpipe.run.settings import Stop
from mjpipe.run.settling import settle
from mjpipe.run.sources import check_source
from mjpipe.run.troubles import Asked

PICKS_INTERVAL = 2.0
"""Seconds between two looks at whether a person has picked meanwhile."""

RECORDING_WAITS = (0.1, 0.5, 1.0, 2.0, 4.0)
"""Seconds between the tries at recording a taskId."""


class Submitter:
    """Takes ready jobs from the ledger while slots, rate and budget allow it."""

    def __init__(self, floor: Floor, poller: Poller, replan: Callable[[Ledger], Tally | None] | None = None) -> None:
        self._floor = floor
        self._poller = poller
        self._replan = replan
        self._replanned = floor.elapsed()
        self._by_url = False
        self.posting: set[asyncio.Future[Any]] = set()
        """Requests on the wire, and the recording of their answers."""

    async def work(self) -> None:
        """Returns when there is nothing more to submit, or when submission has stopped."""
        floor = self._floor
        self._by_url = await floor.write(Ledger.sends_urls_of_sources)
        closed_until: float | None = await floor.write(lambda ledger: ledger.closed_until(floor.clock()))
        if closed_until is not None and not floor.settings.now:
            floor.stop_submitting(Stop.ASKED_TO_WAIT)
        while floor.stop is None:
            if floor.free_slots <= 0:
                await floor.wait(None)
                continue
            closed = floor.throttle.closed_for(floor.elapsed())
            if closed:
                if floor.active == 0 and not await floor.write(Ledger.ready):
                    return  # nothing is left that would be sent then
                await floor.wait(closed)
                continue
            await floor.limiter.acquire(urgent=True)
            # A step of its own, which nobody cancels: what it has recorded as intended, it also sends.
            await self._look_at_picks()
            as_of = floor.clock()
            checked = self._by_url and await self._check_sources(as_of)
            alone = floor.active == 0  # nothing that could still make a job ready
            step = asyncio.ensure_future(self._step(most=1 + floor.limiter.take(floor.free_slots - 1), as_of=as_of))
            floor.watch(step, self.posting)
            batch = await asyncio.shield(step)
            if batch.over_budget is not None:
                stop, bound = (
                    (Stop.AGREED, "the amount agreed to") if self._is_capped() else (Stop.BUDGET, "the budget")
                )
                floor.progress.note(f"{bound} leaves no room for `{batch.over_budget}`: nothing more is submitted")
                floor.stop_submitting(stop)
            elif not batch.intents and not checked:
                if alone and batch.next_at is None:
                    if not await self._take_over_picks():
                        return
                else:
                    await floor.wait(self._idle_seconds(batch.next_at))

    def _is_capped(self) -> bool:
        """Whether a person has agreed to less than the budget has room for."""
        settings = self._floor.settings
        return settings.cap is not None and (settings.budget is None or settings.cap.usd < settings.budget)

    def _idle_seconds(self, next_at: float | None) -> float | None:
        """How long there is nothing to do unless something changes: until a job's time comes, or the next look at the
        picks. None for ever.
        """
        times = [] if next_at is None else [next_at]
        if self._replan is not None:
            times.append(self._replanned + PICKS_INTERVAL)
        return max(0.0, min(times) - self._floor.elapsed()) if times else None

    async def _look_at_picks(self) -> None:
        if self._floor.elapsed() - self._replanned >= PICKS_INTERVAL:
            await self._take_over_picks()

    async def _take_over_picks(self) -> bool:
        """Whether a person has picked since the last look; then the plan is another one."""
        floor = self._floor
        if self._replan is None:
            return False
        self._replanned = floor.elapsed()
        tally = await floor.write(self._replan)
        if tally is None:
            return False
        floor.tally = tally
        floor.replanned = True
        self._by_url = await floor.write(Ledger.sends_urls_of_sources)
        floor.progress.note("picks have changed: the plan is made again")
        return True

    async def _check_sources(self, as_of: float) -> bool:
        """Looks at source images whose URLs are old, or in doubt; says whether there were any."""
        floor = self._floor
        sources = await floor.write(
            lambda ledger: ledger.sources_to_check(
                limit=floor.free_slots,
                budget=floor.settings.budget,
                as_of=as_of,
                elapsed=floor.elapsed(),
                stopped=tuple(floor.breakers.stopped),
            )
        )
        await asyncio.gather(*(check_source(floor, source) for source in sources))
        return bool(sources)

    async def _step(self, *, most: int, as_of: float) -> Intents:
        floor = self._floor
        batch = await floor.write(partial(self._intend, limit=most, as_of=as_of))
        floor.limiter.give_back(most - len(batch.intents))
        for intent in batch.intents:
            floor.active += 1
            floor.moved(intent.node, JobState.READY, JobState.SUBMITTING)
            floor.watch(asyncio.ensure_future(self._submit(intent)), self.posting)
        return batch

    def _intend(self, ledger: Ledger, *, limit: int, as_of: float) -> Intents:
        floor = self._floor
        if floor.stop is not None:  # while this one waited for its turn
            return Intents(intents=())
        batch = ledger.intend(
            limit=limit,
            budget=floor.settings.budget,
            cap=floor.settings.cap,
            now=floor.clock(),
            as_of=as_of,
            elapsed=floor.elapsed(),
            body=request_body,
            stopped=tuple(floor.breakers.stopped),
        )
        floor.tally.balance = ledger.balance()
        return batch

    async def _submit(self, intent: Intent) -> None:
        floor = self._floor
        sent = floor.elapsed()
        try:
            answer = await floor.client.submit(intent.body)
        except ServiceError as fault:
            if not isinstance(fault, Unknown):  # which is a doubt, and said as such
                floor.heard(fault, Asked.SUBMISSION)
            if str(HTTPStatus.TOO_MANY_REQUESTS.value) in (str(fault.status), fault.code):
                floor.throttle.too_many(sent=sent, now=floor.elapsed(), retry_after=fault.retry_after)
            await self._not_accepted(intent, fault)
        else:
            floor.heard(answer, Asked.SUBMISSION)
            await self._accepted(intent, answer)

    async def _accepted(self, intent: Intent, answer: Accepted) -> None:
        floor = self._floor
        task = await self._recorded(intent, answer)
        floor.speed_up = answer.speed_up
        if task is None:
            reason = f"the service answered with task `{answer.task_id}`, which another job has"
            doubt = Verdict(state=JobState.IN_DOUBT, reason=reason, code="task_known")
            settle(floor, intent.node, JobState.SUBMITTING, Outcome(verdict=doubt, money=Money.AT_RISK), intent.key)
            return
        floor.breakers.answered()
        floor.throttle.accepted()
        floor.moved(intent.node, JobState.SUBMITTING, JobState.SUBMITTED)
        self._poller.add(task)

    async def _recorded(self, intent: Intent, answer: Accepted) -> InFlight | None:
        """Records a taskId that is paid for; when the disk refuses, again and again, and in the end shows it."""
        floor = self._floor
        for wait in (*RECORDING_WAITS, None):
            try:
                return await floor.write(
                    lambda ledger: ledger.accepted(
                        intent,
                        answer.task_id,
                        host=floor.settings.host,
                        speed_up=answer.speed_up,
                        now=floor.clock(),
                    )
                )
            except StateFault as fault:
                if wait is None:
                    floor.progress.note(f"write this down: `{intent.key}` is task `{answer.task_id}`")
                    raise StateFault(
                        f"`{intent.key}` was accepted as task `{answer.task_id}`, which could not be recorded: {fault}",
                        help="make room on the disk; the job is in doubt, and this is its task",
                    ) from fault
                await floor.sleep(wait)
        raise AssertionError("the last wait is None")

    async def _not_accepted(self, intent: Intent, fault: ServiceError) -> None:
        floor = self._floor

        def record(ledger: Ledger) -> Outcome:
            outcome = after_fault(
                fault,
                number=intent.number,
                failures=ledger.failures(intent.job),
                held_since=ledger.held_since(intent.job),
                limits=floor.settings.limits,
                elapsed=floor.elapsed(),
                random=floor.random,
            )
            ledger.not_accepted(
                intent,
                outcome=fault.outcome,
                evidence=fault.evidence or str(fault),
                money=outcome.money,
                verdict=outcome.verdict,
                now=floor.clock(),
            )
            if outcome.closed_for is not None:
                ledger.close_until(floor.clock() + outcome.closed_for)
            floor.tally.balance = ledger.balance()
            return outcome

        outcome = await floor.write(record)
        if outcome.money is Money.FREE:
            floor.breakers.answered()
        settle(floor, intent.node, JobState.SUBMITTING, outcome, intent.key)


def request_body(job: ReadyJob) -> bytes:
    """The exact bytes of a job's submission, with what only a run can know: the source's taskId or URL.

    A job whose result is to be made again asks for the reroll of its task, whatever it asked for at first.
    """
    if job.rerolls is not None:
        return submission_body({"mode": Mode.REROLL.value, TASK_ID: job.rerolls})
    request = dict(job.request)
    if Mode(str(request["mode"])) in SECONDARY:
        assert job.source_task is not None
        request[TASK_ID] = job.source_task
    return submission_body({name: _filled(value, job) for name, value in request.items()})


def _filled(value: Json, job: ReadyJob) -> Json:
    if value == SOURCE_URL:
        assert job.source_url is not None, "a follow-up is ready only when its image came"
        return job.source_url
    if isinstance(value, list):
        return [_filled(item, job) for item in value]
    if isinstance(value, dict):
        return {name: _filled(item, job) for name, item in value.items()}
    return value
