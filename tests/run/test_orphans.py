"""Jobs that the manifest no longer asks for: their tasks are ended, their images kept, and nothing is sent for them."""

from dataclasses import replace

import httpx

from mjpipe.domain import JobState
from tests.ledger.jobs import adopt, generation, submit
from tests.run.campaign import Campaign, ends
from tests.run.service import Service, failed, picture, processing

DONE = JobState.DONE


def test_an_orphan_in_flight_is_polled_and_fetched_and_not_sent_again(campaign: Campaign, service: Service) -> None:
    adopt(campaign.ledger, generation("a", prompt="blue"))
    service.tasks["task_1"] = {"mode": "text-to-image"}
    submit(campaign.ledger, now=campaign.clock())
    ending = campaign.run(generation("a", prompt="red"))
    assert service.prompts == ["red"]
    orphan = campaign.records()[-1]
    assert (orphan.wanted, orphan.state, orphan.request["prompt"]) == (False, DONE, "blue")
    assert ending.counts == {("hero", DONE): 1}
    assert campaign.files_are_as_recorded()
    tally = campaign.notes.tally
    assert tally is not None
    assert min(tally.counts.values()) >= 0


def test_an_orphan_that_failed_is_not_sent_again_however_retryable(campaign: Campaign, service: Service) -> None:
    adopt(campaign.ledger, generation("a"))
    service.tasks["task_1"] = {"mode": "text-to-image"}
    submit(campaign.ledger, now=campaign.clock())
    service.on_status = lambda task, _times: failed(task, "Task TimeOut") if task == "task_1" else service.succeed(task)
    campaign.run(generation("b"))
    assert service.prompts == ["b"]


def test_two_orphans_of_one_key_do_not_stand_in_each_others_way(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, task_timeout=60.0)
    service.on_status = lambda task, _times: processing(task)
    for prompt in ("blue", "red"):
        campaign.run(generation("a", prompt=prompt))
    service.on_status = None
    ending = campaign.run(generation("a", prompt="green"))
    assert (ends(ending), ending.incomplete, service.prompts) == ({DONE: 1}, {}, ["blue", "red", "green"])
    assert [record.state for record in campaign.records()] == [DONE, DONE, DONE]
    assert len(campaign.files()) == 12
    assert campaign.files_are_as_recorded()


def test_an_orphan_that_never_came_whole_does_not_stand_in_the_way(campaign: Campaign, service: Service) -> None:
    service.on_image = lambda url, _times: httpx.Response(500) if "task_1/3" in url else picture(url)
    campaign.run(generation("a", prompt="blue"))
    ending = campaign.run(generation("a", prompt="red"))
    assert (ends(ending), [key for key in ending.incomplete if key != "hero/a"]) == ({DONE: 1}, [])
    assert campaign.record("hero/a").state is DONE
    assert campaign.files_are_as_recorded()


def test_an_orphan_that_was_fetched_as_one_comes_back_to_its_place(campaign: Campaign, service: Service) -> None:
    blue, red = generation("a", prompt="blue"), generation("a", prompt="red")
    campaign.limits = replace(campaign.limits, task_timeout=60.0)
    service.on_status = lambda task, _times: processing(task)
    campaign.run(blue)
    service.on_status = None
    campaign.run(red)
    calls = len(service.calls)
    ending = campaign.run(blue)
    assert (ends(ending), len(service.calls)) == ({DONE: 1}, calls)
    assert {f"hero/a-{number}.png" for number in range(4)} <= campaign.files()
    assert campaign.files_are_as_recorded()
