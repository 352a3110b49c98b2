"""Submitting: the intention is on record before the request leaves, the taskId before anything else happens."""

import asyncio
from functools import partial
from http import HTTPStatus
from typing import Any

from mjpipe.apixo import Accepted, submission_body
from mjpipe.contract import TASK_ID, Mode
from mjpipe.domain import SOURCE_URL, JobState, Json, Money, ServiceError, StateFault, StateMoved, Unknown
from mjpipe.ledger import InFlight, Intent, Intents, Ledger, ReadyJob, Verdict
from mjpipe.run.images.fetcher import Fetcher
from mjpipe.run.job_ends import apply_decision
from mjpipe.run.policies.job_decisions import JobDecision, after_fault
from mjpipe.run.policies.service_health import RequestKind
from mjpipe.run.poller import Poller
from mjpipe.run.replanner import Replanner
from mjpipe.run.run_settings import StopReason
from mjpipe.run.run_state import RunState
from mjpipe.run.sources import check_source

RECORDING_WAITS = (0.1, 0.5, 1.0, 2.0, 4.0)
"""Seconds between two tries to record a taskId."""


class Submitter:
    """Takes ready jobs from the ledger while slots, rate and budget allow it."""

    def __init__(self, run: RunState, poller: Poller, fetcher: Fetcher, replanner: Replanner) -> None:
        self._run = run
        self._poller = poller
        self._fetcher = fetcher
        self._replanner = replanner
        self._plans = replanner.plans
        self._by_url = False
        self.posting: set[asyncio.Future[Any]] = set()
        """Requests under way, and the recording of their answers."""
        self._unanswered: set[asyncio.Task[Any]] = set()

    async def work(self) -> None:
        """Returns when there is nothing more to submit, or when submission has stopped."""
        run = self._run
        self._by_url = await run.write(lambda ledger: ledger.source_checks.are_needed())
        closed_until: float | None = await run.write(lambda ledger: ledger.bindings.wait_until(run.clock()))
        if closed_until is not None and not run.settings.now:
            run.stop_submitting(StopReason.ASKED_TO_WAIT)
        while run.stop is None:
            closed = run.throttle.closed_for(run.elapsed())
            if run.free_slots <= 0:
                await run.wait(None)
            elif closed:
                if not run.has_tasks and not await run.write(lambda ledger: ledger.queue.size()):
                    return  # nothing is left that would be sent then
                await run.wait(closed)
            elif not await self._submit_ready():
                return

    async def give_up(self) -> None:
        """Waits no longer for answers. What had no connection yet is ready again; the next run takes the rest as in
        doubt.
        """
        given_up = {*self._unanswered}
        for task in given_up:
            task.cancel()
        await asyncio.gather(*given_up, return_exceptions=True)

    async def _submit_ready(self) -> bool:
        """Submits what slots and rate allow, or waits until there may be something. False when there never will be."""
        run = self._run
        await run.limiter.acquire(urgent=True)
        await self._look_at_picks()
        as_of = run.clock()
        checked = self._by_url and await self._check_sources(as_of)
        # Nothing could still make a job ready: of what is being fetched, a person may have seen and picked an image.
        alone = not (run.has_tasks or self._fetcher.busy)
        # A step of its own, which nobody cancels: what it has recorded as intended, it also sends.
        step = asyncio.ensure_future(self._step(most=1 + run.limiter.take(run.free_slots - 1), as_of=as_of))
        run.watch(step, self.posting)
        batch = await asyncio.shield(step)
        if batch.over_budget is not None:
            self._stop_over_budget(batch.over_budget, capped=batch.over_cap)
        elif batch.intents or checked:
            pass
        elif alone and batch.next_at is None:
            return await self._has_new_plan()
        else:
            await run.wait(self._idle_seconds(batch.next_at))
        return True

    async def _has_new_plan(self) -> bool:
        """Whether the picks that a person has made up to now have changed the plan."""
        await self._replanner.settle()
        return self._plans != self._replanner.plans

    def _stop_over_budget(self, key: str, *, capped: bool) -> None:
        bound = "the amount agreed to" if capped else "the budget"
        self._run.progress.note(f"{bound} leaves no room for `{key}`: nothing more is submitted")
        self._run.stop_submitting(StopReason.AGREED if capped else StopReason.BUDGET)

    def _idle_seconds(self, next_at: float | None) -> float | None:
        """Seconds until a job's time comes, or until the next check of the picks; None for ever."""
        times = [time for time in (next_at, self._replanner.next_look) if time is not None]
        return max(0.0, min(times) - self._run.elapsed()) if times else None

    async def _look_at_picks(self) -> None:
        """Begins a check when it is due. After a new plan, asks again whether it sends URLs of sources."""
        self._replanner.look()
        if self._plans != self._replanner.plans:
            self._plans = self._replanner.plans
            self._by_url = await self._run.write(lambda ledger: ledger.source_checks.are_needed())

    async def _check_sources(self, as_of: float) -> bool:
        """Checks source images with old or doubtful URLs. Returns whether there were any."""
        run = self._run
        slots, elapsed, stopped = run.free_slots, run.elapsed(), tuple(run.breakers.stopped)
        sources = await run.write(
            lambda ledger: ledger.source_checks.due(
                limit=slots, budget=run.settings.budget, as_of=as_of, elapsed=elapsed, stopped=stopped
            )
        )
        await asyncio.gather(*(check_source(run, source) for source in sources))
        return bool(sources)

    async def _step(self, *, most: int, as_of: float) -> Intents:
        run = self._run
        elapsed, stopped = run.elapsed(), tuple(run.breakers.stopped)
        intend = partial(self._intend, limit=most, as_of=as_of, elapsed=elapsed, stopped=stopped)
        try:
            batch = await run.record(intend)
        except StateMoved as fault:
            run.end_with(fault)
            return Intents(intents=())
        run.limiter.give_back(most - len(batch.intents))
        for intent in batch.intents:
            run.take_slots()
            run.moved(intent.node, JobState.READY, JobState.SUBMITTING)
            run.watch(asyncio.ensure_future(self._submit(intent)), self.posting)
        return batch

    def _intend(self, ledger: Ledger, *, limit: int, as_of: float, elapsed: float, stopped: tuple[str, ...]) -> Intents:
        run = self._run
        if run.stop is not None:  # since the event loop asked for this
            return Intents(intents=())
        return ledger.submissions.intend(
            limit=limit,
            budget=run.settings.budget,
            cap=run.settings.cap,
            now=run.clock(),
            as_of=as_of,
            elapsed=elapsed,
            body=request_body,
            stopped=stopped,
        )

    async def _submit(self, intent: Intent) -> None:
        run = self._run
        sent = run.elapsed()
        try:
            answer = await self._answer_to(intent)
        except ServiceError as fault:
            if not isinstance(fault, Unknown):  # which is shown as a job in doubt
                run.note_health(fault, RequestKind.SUBMISSION)
            if str(HTTPStatus.TOO_MANY_REQUESTS.value) in (str(fault.status), fault.code):
                run.throttle.too_many(sent=sent, now=run.elapsed(), retry_after=fault.retry_after)
            await self._no_task(intent, fault)
        else:
            run.note_health(answer, RequestKind.SUBMISSION)
            await self._accepted(intent, answer)

    async def _answer_to(self, intent: Intent) -> Accepted:
        task = asyncio.current_task()
        assert task is not None
        self._unanswered.add(task)
        try:
            return await self._run.service.submit(intent.body)
        finally:
            self._unanswered.discard(task)

    async def _accepted(self, intent: Intent, answer: Accepted) -> None:
        run = self._run
        task = await self._recorded(intent, answer)
        run.learn_speed_up(answer.speed_up)
        if task is None:
            await run.read_balance()
            reason = f"the service answered with task `{answer.task_id}`, which another job has"
            doubt = Verdict(state=JobState.IN_DOUBT, reason=reason, code="task_known")
            self._end(intent, JobDecision(verdict=doubt, money=Money.AT_RISK))
            return
        run.breakers.note_known_outcome()
        run.throttle.accepted()
        run.moved(intent.node, JobState.SUBMITTING, JobState.SUBMITTED)
        self._poller.add(task)

    async def _recorded(self, intent: Intent, answer: Accepted) -> InFlight | None:
        """Records a taskId that is paid for. When the disk refuses, tries several times and then shows the taskId."""
        run = self._run
        for wait in (*RECORDING_WAITS, None):
            try:
                return await run.write(
                    lambda ledger: ledger.submissions.record_task(
                        intent,
                        answer.task_id,
                        host=run.settings.host,
                        speed_up=answer.speed_up,
                        now=run.clock(),
                    )
                )
            except StateFault as fault:
                if wait is None:
                    run.progress.note(f"write this down: `{intent.key}` is task `{answer.task_id}`")
                    raise StateFault(
                        f"`{intent.key}` was accepted as task `{answer.task_id}`, which could not be recorded: {fault}",
                        help="make room on the disk; the job is in doubt, and this is its task",
                    ) from fault
                await run.sleep(wait)
        raise AssertionError("the last wait is None")

    async def _no_task(self, intent: Intent, fault: ServiceError) -> None:
        run = self._run
        elapsed = run.elapsed()

        def record(ledger: Ledger) -> JobDecision:
            decision = after_fault(
                fault,
                number=intent.number,
                failures=ledger.submissions.failures(intent.job),
                held_since=ledger.submissions.held_since(intent.job),
                limits=run.settings.limits,
                elapsed=elapsed,
                random=run.random,
            )
            ledger.submissions.record_no_task(
                intent,
                outcome=fault.answered,
                evidence=fault.evidence or str(fault),
                money=decision.money,
                verdict=decision.verdict,
                now=run.clock(),
            )
            if decision.closed_for is not None:
                ledger.bind.wait_until(run.clock() + decision.closed_for)
            return decision

        decision = await run.record(record)
        if decision.money is Money.FREE:
            run.breakers.note_known_outcome()
        self._end(intent, decision)

    def _end(self, intent: Intent, decision: JobDecision) -> None:
        apply_decision(self._run, intent.node, JobState.SUBMITTING, decision, intent.key)
        self._run.free_slot()


def request_body(job: ReadyJob) -> bytes:
    """The exact bytes of a job's submission, with what only a run knows: the source's taskId or URL.

    A reroll asks for the task that it rerolls, whatever the job's own request is.
    """
    if job.rerolls is not None:
        return submission_body({"mode": Mode.REROLL.value, TASK_ID: job.rerolls})
    request = dict(job.request)
    if not Mode(str(request["mode"])).facts.sent_by_url:
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
