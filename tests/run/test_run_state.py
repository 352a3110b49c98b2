"""What the workers of a run share changes on the event loop alone, though the ledger is written in another thread."""

import asyncio
import threading
from dataclasses import dataclass, field, replace

from mjpipe.domain import ZERO, Diagnostic, InvalidManifest, JobState, Place, usd
from mjpipe.ledger import Balance, Ledger, Writer
from mjpipe.run import Tally, WriteBeside
from tests.ledger.jobs import adopt, generation, intend
from tests.ledger.jobs import submit as submit_all
from tests.run.campaign import Campaign, Notes
from tests.run.service import Service, failed, processing


@dataclass
class Threads(Notes):
    """In which threads it was called."""

    seen: set[int] = field(default_factory=set)

    def show(self, tally: Tally) -> None:
        self.seen.add(threading.get_ident())
        super().show(tally)

    def note(self, text: str) -> None:
        self.seen.add(threading.get_ident())
        super().note(text)


def test_who_follows_a_run_is_called_on_the_event_loop_alone(campaign: Campaign, service: Service) -> None:
    def mistaken(_: WriteBeside) -> bool:
        place = Place(file="picks.csv", line=2)
        raise InvalidManifest([Diagnostic(place=place, code="MJ061", message="two images with one path")])

    def answer(task: str, times: int) -> object:
        return processing(task) if times < 4 else failed(task, "unknown") if task == "task_1" else service.succeed(task)

    campaign.notes = listening = Threads()
    campaign.limits = replace(campaign.limits, concurrency=1)
    service.on_status = answer  # type: ignore[assignment]
    campaign.replan = mistaken
    campaign.run(generation("a"), generation("b"))
    assert listening.seen == {threading.get_ident()}
    assert any("the changed picks are ignored until they are fixed" in line for line in listening.lines)
    assert any("failed" in line for line in listening.lines)


def test_a_new_balance_is_shown_when_it_is_on_record_and_not_from_the_writers_thread(campaign: Campaign) -> None:
    async def whole() -> tuple[Balance, Balance]:
        async with campaign.clients() as (client, images), Writer(campaign.ledger) as write:
            run = campaign.run_state(write, client, images, campaign.settings())

            def reserve(ledger: Ledger) -> Balance:
                submit_all(ledger)
                return run.tally.balance

            return await run.record(reserve), run.tally.balance

    adopt(campaign.ledger, generation("a"))
    meanwhile, after = asyncio.run(whole())
    assert (meanwhile.committed, after.committed) == (ZERO, usd("0.20"))


def test_a_job_that_becomes_an_orphan_while_it_is_being_submitted_is_counted_until_its_end(campaign: Campaign) -> None:
    adopt(campaign.ledger, generation("a"))
    intend(campaign.ledger)
    adopt(campaign.ledger, generation("b"))
    counts = campaign.ledger.job_counts.by_state(with_orphans_in_flight=True)
    assert counts == {("hero", JobState.SUBMITTING): 1, ("hero", JobState.READY): 1}
