"""What submitter, poller and fetcher share while a run goes on."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Coroutine
from typing import Any, TypeVar

from mjpipe.domain import JobState, MjpipeError, ServiceError
from mjpipe.ledger import Ledger, PlanWritten, Writer
from mjpipe.run.policies.job_decisions import CircuitBreakers
from mjpipe.run.policies.limiter import Limiter
from mjpipe.run.policies.service_health import RequestKind, ServiceHealth
from mjpipe.run.policies.throttle import Throttle
from mjpipe.run.progress import Progress, Tally
from mjpipe.run.releasing import Released, offers_unknown_note
from mjpipe.run.run_settings import RunSettings, StopReason
from mjpipe.run.service import ImageSource, Service

T = TypeVar("T")

STOP_NOTES = {
    StopReason.NOT_AUTHORISED: "the service refused the key: nothing more is submitted",
    StopReason.OUT_OF_BALANCE: "the account's balance is used up: nothing more is submitted",
    StopReason.ASKED_TO_WAIT: "the service asked to wait for longer than a run does: nothing more is submitted",
    StopReason.DOUBTS: "five submissions in a row have an unknown outcome: nothing more is submitted",
}
"""What is shown for reasons that no person gave."""


class RunState:
    """What the workers of one run share. Only its methods change it, and only on the event loop: an operation of the
    ledger's writer, which has its own thread, returns what it found instead.

    `clock` is seconds since the epoch, for the records; a person may set it meanwhile. Nobody sets `timer`.
    """

    def __init__(
        self,
        *,
        write: Writer,
        service: Service,
        images: ImageSource,
        settings: RunSettings,
        progress: Progress,
        tally: Tally,
        speed_up: float,
        clock: Callable[[], float],
        timer: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]],
        random: Callable[[], float],
    ) -> None:
        self.write = write
        self.service = service
        self.images = images
        self.settings = settings
        self.progress = progress
        self.tally = tally
        self.clock = clock
        self._timer = timer
        self._began = timer()
        self.sleep = sleep
        self.random = random
        self.limiter = Limiter(settings.limits.requests_per_second, timer=timer, sleep=sleep)
        self.throttle = Throttle(settings.limits.concurrency)
        self.breakers = CircuitBreakers()
        self.health = ServiceHealth()
        self._slots_taken = 0
        self._speed_up = speed_up
        self._replanned = False
        self._stop: StopReason | None = None
        self._fault: BaseException | None = None
        self._ends_with: MjpipeError | None = None
        self._changed = asyncio.Event()
        self._noted: set[str] = set()

    def elapsed(self) -> float:
        """Seconds since the run began, by the timer; waits, intervals and deadlines are measured by it."""
        return self._timer() - self._began

    @property
    def stop(self) -> StopReason | None:
        """Why nothing more is submitted, None while it may be."""
        return self._stop

    @property
    def fault(self) -> BaseException | None:
        """What broke the run itself."""
        return self._fault

    @property
    def ends_with(self) -> MjpipeError | None:
        """What is raised when the rest is done, None while nothing is."""
        return self._ends_with

    @property
    def replanned(self) -> bool:
        """Whether picks have changed the plan since the images on disk were checked."""
        return self._replanned

    @property
    def speed_up(self) -> float:
        """How many times faster than the documented latencies the server says it runs (1 for the service)."""
        return self._speed_up

    @property
    def free_slots(self) -> int:
        return self.throttle.allowed - self._slots_taken

    @property
    def has_tasks(self) -> bool:
        """Whether tasks are being submitted or in flight: they may still make other jobs ready."""
        return self._slots_taken > 0

    async def record(self, operation: Callable[[Ledger], T]) -> T:
        """Like `write`, for operations that move money: the tally gets the new balance."""
        result, self.tally.balance = await self.write(lambda ledger: (operation(ledger), ledger.balance()))
        return result

    async def read_balance(self) -> None:
        """For what moves money only seldom, and is recorded with `write`."""
        self.tally.balance = await self.write(lambda ledger: ledger.balance())

    def take_slots(self, number: int = 1) -> None:
        self._slots_taken += number

    def free_slot(self) -> None:
        self._slots_taken -= 1
        self.wake()

    def began_replan(self) -> None:
        """The plan is becoming another one: jobs come and go."""
        self._replanned = True

    def count_written(self, plan: PlanWritten) -> None:
        """A part of the new plan is on record."""
        self.tally.counts.update(plan.counts)
        self.progress.show(self.tally)

    def note_released(self, released: Released) -> None:
        """Jobs that a new plan left to decide about were decided about."""
        for node, before, after in released.moves:
            self.moved(node, before, after)
        self.note_unknown_offers(released.offers_unknown)

    def learn_speed_up(self, speed_up: float) -> None:
        """The server's last word about its `speed_up`."""
        self._speed_up = speed_up

    def stop_submitting(self, why: StopReason) -> None:
        """Keeps the reason, and shows it, unless there is one already that counts as much."""
        if self._stop is None or why.counts_more_than(self._stop):
            self._stop = why
            if why in STOP_NOTES:
                self.progress.note(STOP_NOTES[why])
        self.wake()

    def end_with(self, fault: MjpipeError) -> None:
        """Submits nothing more. What is in flight is polled, fetched and recorded before `fault` ends the run."""
        if self._ends_with is None:
            self._ends_with = fault
            self.progress.note(f"{fault}: nothing more is submitted")
        self.stop_submitting(StopReason.FAULT)

    def moved(self, node: str, before: JobState, after: JobState | None) -> None:
        self.tally.moved(node, before, after)
        self.progress.show(self.tally)

    def note_once(self, text: str) -> None:
        """Shows something once in a run."""
        if text not in self._noted:
            self._noted.add(text)
            self.progress.note(text)

    def note_unknown_offers(self, nodes: Collection[str]) -> None:
        """Shows for which nodes the service did not say which follow-ups it offers."""
        for node in sorted(nodes):
            self.note_once(offers_unknown_note(node))

    def note_health(self, answer: object, asked: RequestKind) -> None:
        """Shows when the service keeps the run waiting, and when it no longer does."""
        now = self.elapsed()
        if isinstance(answer, ServiceError):
            line = self.health.line_about_fault(answer, asked, now=now)
        else:
            line = self.health.line_about_answer(asked, now=now)
        if line is not None:
            self.progress.note(line)

    def spawn(self, work: Coroutine[Any, Any, None], among: set[asyncio.Future[Any]]) -> None:
        """Starts work and keeps it in `among` while it goes on."""
        self.watch(asyncio.ensure_future(work), among)

    def watch(self, work: asyncio.Future[Any], among: set[asyncio.Future[Any]]) -> None:
        """Keeps work in `among` while it goes on.

        What it raises (a full disk, a bug of ours) stops the run. Other work is not cancelled, because it may hold the
        only copy of a taskId.
        """
        among.add(work)
        work.add_done_callback(among.discard)
        work.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Future[Any]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self._fault = self._fault or error
            self.stop_submitting(StopReason.FAULT)

    def wake(self) -> None:
        """Something has changed: ends each `wait`."""
        self._changed.set()

    async def wait(self, seconds: float | None) -> None:
        """Until something changes, or for at most `seconds`."""
        waiting: set[asyncio.Future[Any]] = {asyncio.ensure_future(self._changed.wait())}
        if seconds is not None:
            waiting.add(asyncio.ensure_future(self.sleep(seconds)))
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for future in waiting:
                future.cancel()
        self._changed.clear()
