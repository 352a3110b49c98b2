"""A clock that is set: between two runs, and while one waits."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from mjpipe.domain import JobState
from mjpipe.run.engine import Engine
from tests.ledger.jobs import generation, generations
from tests.run.campaign import START, Campaign, QuickClock, ends, until
from tests.run.service import Answer, Service, enveloped, failed, processing

DAY = 86_400.0
SOON = 40.0
"""Real seconds in which a run ends on any machine, and which are less than a day of the quick clock."""
DONE = JobState.DONE


class Settable(QuickClock):
    ahead = 0.0
    held_at: float | None = None
    """What its timer shows while it stands still."""

    def __call__(self) -> float:
        return super().__call__() + self.ahead

    def timer(self) -> float:
        return super().timer() if self.held_at is None else self.held_at

    def hold(self) -> None:
        self.held_at = self.timer()

    def go_on(self) -> None:
        held, self.held_at = self.held_at, None
        assert held is not None
        self._started += (self.timer() - held) / self._faster


@pytest.fixture
def clock(campaign: Campaign) -> Settable:
    campaign.clock = Settable(START)
    return campaign.clock


@pytest.mark.parametrize("ahead", [-DAY, DAY])
def test_a_clock_that_is_set_between_two_runs_loses_nothing_and_pays_for_nothing_twice(
    campaign: Campaign, service: Service, clock: Settable, ahead: float
) -> None:
    campaign.limits = replace(campaign.limits, task_timeout=60.0)
    service.on_status = lambda task, _times: processing(task)
    assert ends(campaign.run(*generations(3))) == {JobState.SUBMITTED: 3}
    service.on_status = None
    clock.ahead = ahead
    assert ends(campaign.run(*generations(4), within=SOON)) == {DONE: 4}
    assert service.count("submit") == 4
    assert campaign.files_are_as_recorded()


@dataclass
class Set:
    """Sets the clock when a job is ready again after its first attempt, and lets its timer go on."""

    campaign: Campaign
    clock: Settable
    ahead: float
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, _engine: Engine) -> None:
        await until(
            lambda: any(record.attempts and record.state is JobState.READY for record in self.campaign.records())
        )
        self.clock.ahead = self.ahead
        self.done.set()
        self.clock.go_on()


def comes_to_ready_again(service: Service, clock: Settable, how: str) -> None:
    """The first job, once; then the timer stands still, so that the job can be seen to wait."""

    def status(task: str, _times: int) -> Answer:
        if task != "task_1":
            return service.succeed(task)
        clock.hold()
        return failed(task, "Task TimeOut")

    def submit(request: dict[str, Any], number: int) -> Answer:
        if number != 1:
            return service.accept(request)
        clock.hold()
        return enveloped(int(how), retry_after="30")

    if how == "failed":
        service.on_status = status
    else:
        service.on_submit = submit


@pytest.mark.parametrize("how", ["429", "503", "failed"])
@pytest.mark.parametrize("ahead", [-DAY, DAY])
def test_a_clock_that_is_set_while_a_job_waits_for_its_next_try_does_not_hold_it_up(
    campaign: Campaign, service: Service, clock: Settable, ahead: float, how: str
) -> None:
    """Another job ends meanwhile, so that the run looks again at what it may do."""
    comes_to_ready_again(service, clock, how)
    setting = Set(campaign, clock, ahead)
    well = service.on_status

    def status(task: str, times: int) -> Answer:
        if service.tasks[task]["prompt"] == "b" and not setting.done.is_set():
            return processing(task)
        return well(task, times) if well else service.succeed(task)

    service.on_status = status
    campaign.limits = replace(
        campaign.limits, concurrency=2, task_timeout=10 * DAY
    )  # deadlines are not the matter here
    ending = campaign.run(generation("a"), generation("b"), meanwhile=setting, within=SOON)
    assert (ends(ending), service.count("submit")) == ({DONE: 2}, 3)


@pytest.mark.parametrize("ahead", [-DAY, DAY])
def test_a_task_has_its_deadline_also_by_a_clock_that_is_set(
    campaign: Campaign, service: Service, clock: Settable, ahead: float
) -> None:
    """A dozen tasks have ended by then, so that the run has learned how long they take."""

    async def setting(_engine: Engine) -> None:
        await until(lambda: campaign.tally().counts.get(("hero", DONE)) == 12)
        clock.ahead = ahead

    service.on_status = lambda task, _times: processing(task) if task == "task_13" else service.succeed(task)
    campaign.limits = replace(campaign.limits, task_timeout=300.0)
    ending = campaign.run(*generations(13), meanwhile=setting, within=SOON)
    assert (ends(ending), len(ending.late)) == ({DONE: 12, JobState.SUBMITTED: 1}, 1)


@pytest.mark.parametrize("ahead", [-DAY, 0.0, DAY])
def test_patience_with_a_service_that_accepts_nothing_ends_as_late_by_a_clock_that_is_set(
    campaign: Campaign, service: Service, clock: Settable, ahead: float
) -> None:
    """A laptop that slept for a night wakes before its network does: its jobs have not been waiting since."""
    begun = clock.timer()

    async def setting(_engine: Engine) -> None:
        await until(lambda: service.count("submit") == 3)
        clock.ahead = ahead

    service.on_submit = lambda _request, _number: enveloped(503)
    ending = campaign.run(generation("a"), meanwhile=setting)
    assert ends(ending) == {JobState.FAILED: 1}
    assert clock.timer() - begun > 13 * 60
