"""The run itself: takes up what an earlier run left, submits, polls, fetches, and says how it ended."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from mjpipe.apixo import wait_at_most
from mjpipe.domain import InvalidManifest, JobKey, JobState, UsageFault, dollars
from mjpipe.files import state_faults
from mjpipe.ledger import Balance, Ledger, Writer
from mjpipe.run.fetcher import Fetcher
from mjpipe.run.poller import Poller
from mjpipe.run.progress import Progress, Tally
from mjpipe.run.reconciling import reconcile_images
from mjpipe.run.releasing import offers_unknown_note, release_waiting
from mjpipe.run.run_settings import RunSettings, StopReason
from mjpipe.run.run_state import RunState
from mjpipe.run.running_time import RunningTime
from mjpipe.run.service import ImageSource, Service
from mjpipe.run.submitter import Submitter

GRACE = 5.0
"""Seconds that submissions on the wire get to be answered when a person leaves at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How a run ended. `counts` are all wanted jobs of the campaign, per node and state; `ready` are
    jobs that this run was to submit and has not.

    `to_pick` is the key of the first job whose images wait for a person's choice, None when none do.
    `trouble` is what kept it waiting at its end, None when nothing did. `closed_until` is until when the service asked
    to wait, in seconds since the epoch, None when it did not. `late` are keys of tasks past their deadline,
    `incomplete` those of jobs with images not on disk, with the reason; `in_the_way` are files of somebody else that
    stand in the places of images; `stopped_nodes` the nodes that failed too often in a row, with the reason of their
    last failure.
    """

    stop: StopReason | None
    counts: dict[tuple[str, JobState], int]
    ready: int
    to_pick: JobKey | None
    balance: Balance
    trouble: str | None
    closed_until: float | None
    late: frozenset[str]
    incomplete: dict[str, str]
    in_the_way: tuple[Path, ...]
    stopped_nodes: dict[str, str]

    def of(self, *states: JobState) -> int:
        return sum(count for (_, state), count in self.counts.items() if state in states)


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
        replan: Callable[[Ledger], bool] | None = None,
    ) -> None:
        """`clock` says what time it is, in seconds since the epoch; `timer` counts seconds, and no one sets it.

        `replan` adopts the plan again when a person has picked meanwhile, and says whether it has.
        """
        self._ledger = ledger
        self._service = service
        self._images = images
        self._settings = settings
        self._progress = progress
        self._clock = clock
        self._timer = RunningTime(timer)
        self._random = random
        self._sleep = sleep
        self._replanning = replan
        self._interrupts = 0
        self._run: RunState | None = None
        self._working: asyncio.Task[None] | None = None

    def interrupt(self) -> int:
        """A person wants to stop: first no more submissions, then leaving at once. Says how often they asked."""
        self._interrupts += 1
        if self._run is not None:
            self._run.stop_submitting(StopReason.INTERRUPTED)
        if self._interrupts > 1 and self._working is not None:
            self._working.cancel()
        return self._interrupts

    def wind_up(self) -> bool:
        """As the first interruption, and never more than that. Says whether it was that."""
        return not self._interrupts and self.interrupt() == 1

    async def run(self) -> Ending:
        """Until nothing is left to do, or something stops it. Raises StateFault when the disk does."""
        with state_faults(self._settings.incoming):
            shutil.rmtree(self._settings.incoming, ignore_errors=True)  # what a killed run left half fetched
            self._settings.incoming.mkdir(parents=True)
            reconcile_images(self._ledger, self._settings, self._progress)
        async with Writer(self._ledger) as write:
            tally, offers_unknown = await write(self._begin)
            run = RunState(
                write=write,
                service=self._service,
                images=self._images,
                settings=self._settings,
                progress=self._progress,
                tally=tally,
                speed_up=await write(_known_speed_up),
                clock=self._clock,
                timer=self._timer,
                sleep=self._sleep,
                random=self._random,
            )
            self._run = run
            self._note_unknown_offers(run, offers_unknown)
            if self._interrupts:
                run.stop_submitting(StopReason.INTERRUPTED)
            fetcher = Fetcher(run)
            poller = Poller(run, fetcher)
            submitter = Submitter(run, poller, self._replan if self._replanning else None)
            self._working = asyncio.create_task(self._work(run, submitter, poller, fetcher))
            beat = asyncio.create_task(self._timer.beat(self._sleep))
            try:
                await asyncio.wait({self._working})
                await self._leave(submitter, poller, fetcher)
                if not self._working.cancelled() and (error := self._working.exception()) is not None:
                    raise error
            finally:
                self._working.cancel()
                beat.cancel()
            if run.fault is not None:
                raise run.fault
            return await write(lambda ledger: _ending(ledger, run, poller, fetcher))

    def _begin(self, ledger: Ledger) -> tuple[Tally, frozenset[str]]:
        ledger.submissions.begin_run(self._clock())
        return self._release_waiting(ledger)

    def _release_waiting(self, ledger: Ledger) -> tuple[Tally, frozenset[str]]:
        offers_unknown = release_waiting(ledger)
        return self._tally(ledger), offers_unknown

    def _tally(self, ledger: Ledger) -> Tally:
        budget = self._settings.budget
        return Tally(
            ledger.progress.counts(with_orphans_in_flight=True),
            ledger.balance(),
            None if budget is None else dollars(budget),
        )

    async def _replan(self) -> bool:
        """Whether a person has picked since the last look; then the plan is another one."""
        assert self._run is not None
        run = self._run
        try:
            replanned = await run.write(self._adopt_again)
        except (InvalidManifest, UsageFault) as fault:
            run.progress.note(f"the picks are left alone until the next run: {fault}")
            return False
        if replanned is None:
            return False
        tally, offers_unknown = replanned
        run.began_replan(tally)
        self._note_unknown_offers(run, offers_unknown)
        run.progress.note("picks have changed: the plan is made again")
        return True

    def _adopt_again(self, ledger: Ledger) -> tuple[Tally, frozenset[str]] | None:
        if self._replanning is None or not self._replanning(ledger):
            return None
        return self._release_waiting(ledger)

    def _note_unknown_offers(self, run: RunState, nodes: frozenset[str]) -> None:
        for node in sorted(nodes):
            run.note_once(offers_unknown_note(node))

    async def _work(self, run: RunState, submitter: Submitter, poller: Poller, fetcher: Fetcher) -> None:
        in_flight = await run.write(lambda ledger: ledger.submissions.in_flight())
        run.take_slots(len(in_flight))
        for task in in_flight:
            poller.add(task)
        for attempt in await run.write(lambda ledger: ledger.images.to_fetch()):
            fetcher.add(attempt)
        run.spawn(poller.work(), poller.polling)
        await submitter.work()
        while (run.has_tasks or fetcher.busy) and run.fault is None:
            await run.wait(None)

    async def _leave(self, submitter: Submitter, poller: Poller, fetcher: Fetcher) -> None:
        """Submissions on the wire get a moment to be answered; polls and downloads can be done again."""
        repeatable = {*poller.polling, *fetcher.fetching}
        for task in repeatable:
            task.cancel()
        await asyncio.gather(*repeatable, return_exceptions=True)
        shutil.rmtree(self._settings.incoming, ignore_errors=True)
        for folder in (self._settings.moving, self._settings.workshop):
            with suppress(OSError):  # somebody's images stand there
                folder.rmdir()
        # A person who leaves waits a moment for them; a full disk is no reason not to wait for a paid taskId.
        if self._interrupts > 1:
            with suppress(TimeoutError):
                await wait_at_most(_all_answered(submitter), seconds=GRACE)
        else:
            await _all_answered(submitter)


async def _all_answered(submitter: Submitter) -> None:
    while submitter.posting:
        await asyncio.wait(submitter.posting)


def _known_speed_up(ledger: Ledger) -> float:
    """What the server said when it last accepted a task, so that its tasks are asked for in time from the start."""
    return float(ledger.bindings.get("speed_up") or 1.0)


def _ending(ledger: Ledger, run: RunState, poller: Poller, fetcher: Fetcher) -> Ending:
    return Ending(
        stop=run.stop,
        counts=ledger.progress.counts(),
        ready=ledger.queue.size(),
        to_pick=ledger.progress.first_to_pick(),
        balance=ledger.balance(),
        trouble=run.health.unanswered,
        closed_until=ledger.bindings.wait_until(run.clock()),
        late=frozenset(poller.late),
        incomplete=dict(fetcher.incomplete),
        in_the_way=tuple(fetcher.in_the_way),
        stopped_nodes=dict(run.breakers.stopped),
    )
