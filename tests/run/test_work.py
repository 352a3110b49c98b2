"""Whether a run has anybody to ask, as its ledger and the disk say."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mjpipe.domain import JobState
from mjpipe.run import Work, begin_work, ending_from_ledger
from tests.ledger.jobs import adopt, follow_up, generation, intend, submit, succeed
from tests.run.campaign import Campaign
from tests.run.service import Service, enveloped


def work_of(campaign: Campaign) -> Work:
    with begin_work(campaign.ledger, campaign.settings(), campaign.notes, now=campaign.clock()) as work:
        return work


def image(campaign: Campaign) -> Path:
    return campaign.outputs / "hero" / "a-2.png"


def test_a_campaign_that_is_done_has_nobody_to_ask_and_ends_as_its_run_did(campaign: Campaign) -> None:
    ending = campaign.run(generation("a"))
    assert work_of(campaign).needs_nobody
    assert ending_from_ledger(campaign.ledger, campaign.clock()) == ending


def ready(campaign: Campaign) -> None:
    adopt(campaign.ledger, generation("a"), generation("b"))


def in_flight(campaign: Campaign) -> None:
    adopt(campaign.ledger, generation("a"), generation("b"))
    submit(campaign.ledger)


def not_fetched(campaign: Campaign) -> None:
    adopt(campaign.ledger, generation("a"), generation("b"))
    succeed(campaign.ledger, *submit(campaign.ledger))


def deleted(campaign: Campaign) -> None:
    image(campaign).unlink()


def broken(campaign: Campaign) -> None:
    image(campaign).write_bytes(b"")


def another_follow_up(campaign: Campaign) -> None:
    """Its source is done, so that it is ready as soon as a run decides about it."""
    adopt(campaign.ledger, generation("a"), follow_up(generation("a"), 1))


@pytest.mark.parametrize("happens", [ready, in_flight, not_fetched, deleted, broken, another_follow_up])
def test_whatever_needs_the_service_or_an_image_host_is_work(
    campaign: Campaign, happens: Callable[[Campaign], None]
) -> None:
    campaign.run(generation("a"))
    happens(campaign)
    assert not work_of(campaign).needs_nobody


def test_a_moved_output_is_no_work_for_anybody_else(campaign: Campaign) -> None:
    campaign.run(generation("a"))
    campaign.outputs_dir = "elsewhere"
    assert work_of(campaign).needs_nobody
    assert image(campaign).exists()


def test_a_service_that_asked_to_wait_is_something_to_say(campaign: Campaign, service: Service) -> None:
    service.on_submit = lambda _request, _number: enveloped(429, retry_after="86400")
    campaign.run(generation("a"))
    adopt(campaign.ledger)  # nothing is wanted any more
    assert work_of(campaign).is_held_up
    campaign.now = True
    assert work_of(campaign).needs_nobody


def test_what_the_service_did_not_say_is_something_to_say(campaign: Campaign) -> None:
    campaign.run(generation("a"))
    another_follow_up(campaign)
    assert work_of(campaign).offers_unknown == {"upscale"}


def test_what_a_killed_run_was_submitting_is_in_doubt_and_not_asked_for(campaign: Campaign) -> None:
    adopt(campaign.ledger, generation("a"))
    intend(campaign.ledger)
    assert work_of(campaign).needs_nobody
    assert campaign.record("hero/a").state is JobState.IN_DOUBT


def test_a_run_leaves_no_folder_of_its_own_behind(campaign: Campaign) -> None:
    campaign.run(generation("a"))
    settings = campaign.settings()
    with begin_work(campaign.ledger, settings, campaign.notes, now=campaign.clock()):
        assert settings.incoming.is_dir()
    assert not settings.workshop.exists()
