"""Polling: one heap of tasks by the time of their next poll, served by a bounded number of workers."""

import asyncio
import heapq
import json
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from mjpipe.apixo import TaskNotFound, TaskStatus
from mjpipe.contract import TaskState
from mjpipe.domain import JobState, Json, JsonObject, NotAuthorised, ServiceError
from mjpipe.ledger import InFlight, Ledger
from mjpipe.run.images.fetcher import Fetcher
from mjpipe.run.job_ends import apply_decision
from mjpipe.run.policies.job_decisions import JobDecision, after_task_failure
from mjpipe.run.policies.poll_times import Latencies, next_poll, poll_times
from mjpipe.run.policies.service_health import RequestKind
from mjpipe.run.releasing import Released, offers_unknown_note, release_followers
from mjpipe.run.run_settings import StopReason
from mjpipe.run.run_state import RunState

LONGEST_WAIT = 60.0
"""Seconds that an answer can delay the next poll."""

CLOCK_ERROR = 10.0
"""Seconds by which a latency may exceed the time since acceptance: answers are slow, and clocks are not exact."""

WORKERS = 32
"""Status requests at a time, at most: due rate times answer time, with room to spare."""


@dataclass(order=True, slots=True)
class ScheduledPoll:
    """A task's place in the heap. Times are seconds since the run began, negative for what happened before.

    `known` says whether the service has answered for the task in this run.
    """

    due: float
    serial: int
    accepted: float = field(compare=False)
    task: InFlight = field(compare=False)
    known: bool = field(compare=False)


class Poller:
    """Polls each task until it ends, or until its deadline: then it stays submitted, and the next run polls again."""

    def __init__(self, run: RunState, fetcher: Fetcher) -> None:
        self._run = run
        self._fetcher = fetcher
        self._heap: list[ScheduledPoll] = []
        self._serial = 0
        self._added = asyncio.Event()
        self._workers = asyncio.Semaphore(WORKERS)
        self.polling: set[asyncio.Future[Any]] = set()
        self._latencies: defaultdict[tuple[Json, Json], Latencies] = defaultdict(Latencies)
        self.late: set[str] = set()
        """Keys of the jobs of tasks past their deadline."""

    def add(self, task: InFlight) -> None:
        """Polls a task from now on."""
        age = max(0.0, self._run.clock() - task.accepted)  # less than nothing: the clock was set back
        self._schedule(task, self._run.elapsed() - age, asked=False, known=False)

    async def work(self) -> None:
        """Serves the heap until cancelled."""
        run = self._run
        while True:
            delay = self._heap[0].due - run.elapsed() if self._heap else None
            if delay is None or delay > 0:
                await self._sleep(delay)
                continue
            await self._workers.acquire()
            await run.limiter.acquire()
            run.spawn(self._poll(heapq.heappop(self._heap)), self.polling)

    async def _sleep(self, seconds: float | None) -> None:
        """Until the first poll is due, or a task is added that may be due sooner."""
        if seconds is None:
            await self._added.wait()
        else:
            sleeping = asyncio.ensure_future(self._run.sleep(seconds))
            adding = asyncio.ensure_future(self._added.wait())
            try:
                await asyncio.wait({sleeping, adding}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                sleeping.cancel()
                adding.cancel()
        self._added.clear()

    async def _poll(self, poll: ScheduledPoll) -> None:
        task = poll.task
        answer = await self._ask(task)
        if isinstance(answer, NotAuthorised):
            self._run.stop_submitting(StopReason.NOT_AUTHORISED)
            self._run.free_slot()
        elif isinstance(answer, TaskStatus) and answer.image_urls:
            self._learn(poll, answer)
            await self._succeeded(task, answer)
        elif isinstance(answer, TaskStatus) and answer.state is TaskState.FAILED:
            await self._failed(task, answer)
        elif isinstance(answer, TaskNotFound) and self._is_lost(poll):
            await self._lost(task)
        else:
            self._ask_again(poll, answer)

    def _is_lost(self, poll: ScheduledPoll) -> bool:
        """Whether there is no use in asking for a task that the service does not know. One that was recovered has had
        its time: a service that does not know a new task yet knows it soon.
        """
        return poll.task.recovered and self._run.elapsed() - poll.accepted > self._run.settings.limits.task_timeout

    async def _lost(self, task: InFlight) -> None:
        """A task is paid, and the service does not know it."""
        run = self._run
        reason = f"the service does not know its task `{task.task}`, or no longer"

        def record(ledger: Ledger) -> Released:
            ledger.results.record_unknown(task, reason=reason, now=run.clock())
            return Released() if task.extra else release_followers(ledger, task.job)

        released = await run.record(record)
        if not task.extra:
            for node, before, after in released.moves:
                run.moved(node, before, after)
            run.moved(task.node, JobState.SUBMITTED, JobState.FAILED)
        run.progress.note(f"`{task.key}` is paid, and its images are gone: {reason}")
        run.free_slot()

    async def _ask(self, task: InFlight) -> TaskStatus | ServiceError:
        try:
            status = await self._run.service.status(task.task)
        except ServiceError as fault:
            self._run.note_health(fault, RequestKind.STATUS)
            return fault
        finally:
            self._workers.release()
        self._run.note_health(status, RequestKind.STATUS)
        self._run.learn_speed_up(status.speed_up)
        return status

    def _ask_again(self, poll: ScheduledPoll, answer: TaskStatus | ServiceError) -> None:
        """Schedules the next poll. Past its deadline the task gives up its slot and stays submitted.

        Time in which nobody asked does not count: before this run, or while the machine slept and its timer stood
        still. While the service itself does not answer, a task gets twice the time.
        """
        run = self._run
        patience = run.settings.limits.task_timeout
        answered = isinstance(answer, TaskStatus | TaskNotFound)
        known = poll.known or isinstance(answer, TaskStatus)
        waited = run.elapsed() - max(poll.accepted, 0.0)
        if waited > (patience if answered else 2 * patience):
            self.late.add(poll.task.key)
            if poll.task.adopted and not known:
                run.progress.note(_unknown_task_note(poll.task))
            run.free_slot()
            return
        wait = min(getattr(answer, "retry_after", None) or 0.0, LONGEST_WAIT)
        self._schedule(poll.task, poll.accepted, asked=True, known=known, wait=wait)

    async def _succeeded(self, task: InFlight, status: TaskStatus) -> None:
        run = self._run
        actions = (
            None if status.supported_actions is None else json.dumps([asdict(a) for a in status.supported_actions])
        )

        def record(ledger: Ledger) -> Released:
            ledger.results.record_success(
                task,
                urls=status.image_urls or (),
                actions=actions,
                created=_seconds(status.created),
                completed=_seconds(status.completed),
                now=run.clock(),
            )
            return Released() if task.extra else release_followers(ledger, task.job)

        released = await run.record(record)
        for node in sorted(released.offers_unknown):
            run.note_once(offers_unknown_note(node))
        if not task.extra:
            run.breakers.note_success(task.node)
            for node, before, after in released.moves:
                run.moved(node, before, after)
            run.moved(task.node, JobState.SUBMITTED, JobState.SUCCEEDED)
        run.free_slot()
        self._fetcher.add(task.attempt)

    async def _failed(self, task: InFlight, status: TaskStatus) -> None:
        run = self._run
        elapsed = run.elapsed()

        def record(ledger: Ledger) -> JobDecision:
            decision = after_task_failure(
                status.fail_code or "",
                status.fail_message or "",
                failures=ledger.submissions.failures(task.job),
                limits=run.settings.limits,
                elapsed=elapsed,
                random=run.random,
            )
            ledger.results.record_failure(
                task,
                fail_code=status.fail_code or "",
                message=status.fail_message or "",
                money=decision.money,
                verdict=decision.verdict,
                now=run.clock(),
            )
            return decision

        decision = await run.record(record)
        if task.extra:
            run.progress.note(f"`{task.task}`, an extra task of `{task.key}`, failed: {decision.verdict.reason}")
        else:
            apply_decision(run, task.node, JobState.SUBMITTED, decision, str(task.key))
        run.free_slot()

    def _learn(self, poll: ScheduledPoll, status: TaskStatus) -> None:
        """From the service's own times, which are exact. Impossible times are left out: no task takes longer than we
        have known it.
        """
        if status.created is None or status.completed is None:
            return
        took = (status.completed - status.created).total_seconds()
        if 0 < took <= self._run.elapsed() - poll.accepted + CLOCK_ERROR:
            self._latencies[_latency_group(poll.task.request)].learn(took)

    def _schedule(self, task: InFlight, accepted: float, *, asked: bool, known: bool, wait: float = 0.0) -> None:
        run = self._run
        due = next_poll(
            poll_times(task.request, run.settings.polling, run.speed_up),
            accepted=accepted,
            now=run.elapsed(),
            asked=asked,
            latencies=self._latencies[_latency_group(task.request)],
            wait=wait,
        )
        self._serial += 1
        heapq.heappush(self._heap, ScheduledPoll(due, self._serial, accepted, task, known))
        self._added.set()


def _unknown_task_note(task: InFlight) -> str:
    return (
        f"the service knows nothing of `{task.task}`, named as the task of `{task.key}`; "
        f"if the id is wrong: mjpipe resolve M {task.key} --task-id ID, or --not-sent"
    )


def _seconds(moment: datetime | None) -> float | None:
    return None if moment is None else moment.timestamp()


def _latency_group(request: JsonObject) -> tuple[Json, Json]:
    """Tasks of one mode and speed take about the same time."""
    return request.get("mode"), request.get("speed")
