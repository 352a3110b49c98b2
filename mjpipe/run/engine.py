"""The run itself: submits, polls, fetches, and says how it ended."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

from mjpipe.apixo import wait_at_most
from mjpipe.domain import StateFault, dollars
from mjpipe.ledger import Ledger, Writer
from mjpipe.run.beside import Replan
from mjpipe.run.ending import Ending, ending_from_ledger
from mjpipe.run.images.fetcher import Fetcher
from mjpipe.run.policies.running_time import RunningTime
from mjpipe.run.poller import Poller
from mjpipe.run.progress import Progress, Tally
from mjpipe.run.replanner import Replanner
from mjpipe.run.run_settings import RunSettings, StopReason
from mjpipe.run.run_state import RunState
from mjpipe.run.service import ImageSource, Service
from mjpipe.run.submitter import Submitter
from mjpipe.run.work import Work

GRACE = 5.0
"""Seconds to wait for the answers of submissions under way when a person leaves."""

SIGN_OF_LIFE = 20.0
"""Seconds between two signs of life in the ledger, for processes on other hosts that would hold the state."""


class Engine:
    """One run of one campaign, whose plan its ledger has adopted. Time, sleep and chance are arguments."""

    def __init__(
        self,
        *,
        ledger: Ledger,
        service: Service,
        images: ImageSource,
        settings: RunSettings,
        progress: Progress,
        clock: Callable[[], float],
        timer: Callable[[], float],
        random: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        replan: Replan | None = None,
    ) -> None:
        """`clock` says what time it is, in seconds since the epoch; `timer` counts seconds, and no one sets it."""
        self._ledger = ledger
        self._service = service
        self._images = images
        self._settings = settings
        self._progress = progress
        self._clock = clock
        self._timer = RunningTime(timer)
        self._random = random
        self._sleep = sleep
        self._replan = replan
        self._interrupts = 0
        self._run: RunState | None = None
        self._working: asyncio.Task[None] | None = None

    def interrupt(self) -> int:
        """A person wants to stop. The first time nothing more is submitted, the second time the run leaves. Returns how
        often this was asked.
        """
        self._interrupts += 1
        if self._run is not None:
            self._run.stop_submitting(StopReason.INTERRUPTED)
        if self._interrupts > 1 and self._working is not None:
            self._working.cancel()
        return self._interrupts

    def wind_up(self) -> bool:
        """The first interruption, never more than that. Returns whether it was the first."""
        return not self._interrupts and self.interrupt() == 1

    async def run(self, work: Work) -> Ending:
        """Until nothing is left to do, or something stops it. Raises StateFault when the disk does."""
        async with Writer(self._ledger) as write:
            self._run = run = await self._state(write)
            run.note_unknown_offers(work.offers_unknown)
            if self._interrupts:
                run.stop_submitting(StopReason.INTERRUPTED)
            fetcher = Fetcher(run)
            poller = Poller(run, fetcher)
            replanner = Replanner(run, self._replan)
            submitter = Submitter(run, poller, fetcher, replanner)
            self._working = asyncio.create_task(self._work(run, work, submitter, poller, fetcher))
            beat = asyncio.create_task(self._timer.beat(self._sleep))
            holding: set[asyncio.Future[Any]] = set()
            run.spawn(_keep_hold(run), holding)
            try:
                await asyncio.wait({self._working})
                replanner.abandon()
                await replanner.finished()
                await self._leave(submitter, poller, fetcher)
                if not self._working.cancelled() and (error := self._working.exception()) is not None:
                    raise error
            finally:
                replanner.abandon()
                self._working.cancel()
                beat.cancel()
                for task in holding:
                    task.cancel()
            if (fault := run.fault or run.ends_with) is not None:
                raise fault
            ending = await write(lambda ledger: ending_from_ledger(ledger, run.clock()))
            return _with_what_happened(ending, run, poller, fetcher)

    async def _state(self, write: Writer) -> RunState:
        return RunState(
            write=write,
            service=self._service,
            images=self._images,
            settings=self._settings,
            progress=self._progress,
            tally=await write(self._tally),
            speed_up=await write(_known_speed_up),
            clock=self._clock,
            timer=self._timer,
            sleep=self._sleep,
            random=self._random,
        )

    def _tally(self, ledger: Ledger) -> Tally:
        budget = self._settings.budget
        return Tally(
            ledger.job_counts.by_state(with_orphans_in_flight=True),
            ledger.balance(),
            None if budget is None else dollars(budget),
        )

    async def _work(self, run: RunState, work: Work, submitter: Submitter, poller: Poller, fetcher: Fetcher) -> None:
        run.take_slots(len(work.in_flight))
        for task in work.in_flight:
            poller.add(task)
        for attempt in work.to_fetch:
            fetcher.add(attempt)
        run.spawn(poller.work(), poller.polling)
        await submitter.work()
        while (run.has_tasks or fetcher.busy) and run.fault is None:
            await run.wait(None)

    async def _leave(self, submitter: Submitter, poller: Poller, fetcher: Fetcher) -> None:
        """Waits for the answers of submissions under way. Polls and downloads are cancelled: they can be repeated."""
        repeatable = {*poller.polling, *fetcher.fetching}
        for task in repeatable:
            task.cancel()
        await asyncio.gather(*repeatable, return_exceptions=True)
        # For a person who leaves, only a moment. A full disk is no reason not to wait for a paid taskId.
        if self._interrupts > 1:
            with suppress(TimeoutError):
                await wait_at_most(_all_answered(submitter), seconds=GRACE)
            await submitter.give_up()
        else:
            await _all_answered(submitter)


async def _all_answered(submitter: Submitter) -> None:
    while submitter.posting:
        await asyncio.wait(submitter.posting)


async def _keep_hold(run: RunState) -> None:
    """Raises Locked when another process holds the state now."""
    while True:
        await run.sleep(SIGN_OF_LIFE)
        with suppress(StateFault):  # the next write that counts says what is wrong with the disk
            await run.write(lambda ledger: ledger.hold.renew(run.clock()))


def _known_speed_up(ledger: Ledger) -> float:
    """From the server's last accepted task, so that tasks in flight are polled in time from the start."""
    return float(ledger.bindings.get("speed_up") or 1.0)


def _with_what_happened(ending: Ending, run: RunState, poller: Poller, fetcher: Fetcher) -> Ending:
    return replace(
        ending,
        stop=run.stop,
        trouble=run.health.trouble,
        late=frozenset(poller.late),
        incomplete=dict(fetcher.incomplete),
        in_the_way=tuple(fetcher.in_the_way),
        stopped_nodes=dict(run.breakers.stopped),
    )
