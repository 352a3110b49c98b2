"""A run shows that it lives, and ends when another process has taken over its state."""

import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from mjpipe.domain import JobState, Locked, StateFault, StateMoved
from mjpipe.ledger import Process
from mjpipe.ledger.database import open_read_only
from mjpipe.ledger.reading import holder_of
from mjpipe.run import WriteBeside
from mjpipe.run.engine import SIGN_OF_LIFE, Engine
from tests.ledger.jobs import generations
from tests.run.campaign import START, Campaign, ends, until
from tests.run.service import Service, processing

ME = Process(host="studio", boot="", pid=7, started="")


def ledger_of(campaign: Campaign) -> Path:
    return campaign.folder / "state" / "ledger.sqlite"


def test_a_run_gives_signs_of_life_while_it_only_waits(campaign: Campaign, service: Service) -> None:
    signs: set[float] = set()

    def status(task: str, _times: int) -> httpx.Response:
        with closing(open_read_only(ledger_of(campaign))) as connection:
            holder = holder_of(connection)
        assert holder is not None
        signs.add(holder.renewed)
        return service.succeed(task) if len(signs) > 2 else processing(task)

    service.on_status = status
    with campaign.ledger.hold.kept(ME, START):
        assert ends(campaign.run(*generations(1))) == {JobState.DONE: 1}
    assert min(later - sooner for sooner, later in pairwise(sorted(signs))) > SIGN_OF_LIFE - 1


def test_a_run_that_only_waits_ends_when_another_process_has_taken_over(campaign: Campaign, service: Service) -> None:
    async def taken_over(_: Engine) -> None:
        await until(lambda: len(service.inputs) == 1)
        with closing(sqlite3.connect(ledger_of(campaign), timeout=30)) as connection:
            connection.execute("UPDATE holder SET token = 'of another', pid = 8")
            connection.commit()

    service.on_status = lambda task, _times: processing(task)
    with (
        campaign.ledger.hold.kept(ME, START),
        pytest.raises(Locked, match="this campaign is held by process 8 on studio"),
    ):
        campaign.run(*generations(1), meanwhile=taken_over)
    assert set(campaign.states().values()) == {JobState.SUBMITTED}


def test_a_look_at_the_picks_that_does_not_find_the_state_loses_nothing_in_flight(
    campaign: Campaign, service: Service
) -> None:
    moved = campaign.folder / "moved"

    def replan(_: WriteBeside) -> bool:
        if not service.count("status"):
            return False
        ledger_of(campaign).parent.rename(moved)
        raise StateFault("`ledger.sqlite` is gone")

    def status(task: str, _times: int) -> httpx.Response:
        return service.succeed(task) if moved.exists() else processing(task)

    service.on_status = status
    campaign.replan = replan
    with campaign.ledger.hold.kept(ME, START), pytest.raises(StateMoved):
        campaign.run(*generations(1))
    assert campaign.ledger.job_counts.by_state() == {("hero", JobState.DONE): 1}
