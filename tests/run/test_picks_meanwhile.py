"""Picks that a person makes while a run goes on: the plan is adopted again while the workers go on."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

from mjpipe.domain import Diagnostic, InvalidManifest, Job, JobKey, JobState, Place, usd
from mjpipe.ledger import Ledger, PlanWritten
from mjpipe.run import Replan, StopReason, WriteBeside
from tests.ledger.jobs import adopt, follow_up, generation
from tests.run.campaign import Campaign, ends
from tests.run.service import Answer, Service, processing, succeeded, urls
from tests.run.test_follow_ups import by_url

DONE, SKIPPED, UNPICKED = JobState.DONE, JobState.SKIPPED, JobState.UNPICKED


def kept_for_picks(source: Job) -> Job:
    return follow_up(source, None)._replace(key=JobKey(f"{source.key}/?"), possible_jobs=(("upscale", usd("0.30")),))


def taken_over(ledger: Ledger, *plan: Job) -> PlanWritten:
    """All of a plan at once."""
    counts = Counter(ledger.job_counts.by_state(with_orphans_in_flight=True))
    adopt(ledger, *plan)
    after = Counter(ledger.job_counts.by_state(with_orphans_in_flight=True))
    after.subtract(counts)
    return PlanWritten(counts=after)


def once(when: Callable[[], bool], *plan: Job) -> Replan:
    """Adopts the plan as soon as it is time."""
    taken = False

    def replan(write: WriteBeside) -> bool:
        nonlocal taken
        if taken or not when():
            return False
        taken = True
        write(lambda ledger: taken_over(ledger, *plan))
        return True

    return replan


def slow(service: Service, asked: int) -> None:
    """Generations take a while."""

    def answer(task: str, times: int) -> Answer:
        waits = service.tasks[task]["mode"] == "text-to-image" and times < asked
        return processing(task) if waits else service.succeed(task)

    service.on_status = answer


def test_a_pick_is_carried_out_by_the_run_that_goes_on(campaign: Campaign, service: Service) -> None:
    first, second = generation("a"), generation("b")
    campaign.limits = replace(campaign.limits, concurrency=1)
    slow(service, asked=3)
    picked = [first, follow_up(first, 2), second, kept_for_picks(second)]
    campaign.replan = once(lambda: len(service.inputs) >= 2, *picked)
    ending = campaign.run(first, kept_for_picks(first), second, kept_for_picks(second))
    assert campaign.states() == {"hero/a": DONE, "upscale/a/2": DONE, "hero/b": DONE, "hero/b/?": UNPICKED}
    assert service.inputs[-1] == {"mode": "upscale", "imageIndex": 2, "taskId": "task_1"}
    assert (ending.balance.spent, service.count("submit")) == (usd("0.60"), 3)
    assert campaign.notes.lines[-1] == "picks have changed: the plan is made again"


def test_a_pick_that_is_taken_back_while_it_is_in_flight_is_paid_once_and_kept(
    campaign: Campaign, service: Service
) -> None:
    source, other = generation("a"), generation("b")
    campaign.run(source)
    slow(service, asked=4)
    service.on_status = lambda task, times: processing(task) if times < 4 else service.succeed(task)
    campaign.limits = replace(campaign.limits, concurrency=2)
    repicked = [source, follow_up(source, 3), other]
    campaign.replan = once(lambda: len(service.inputs) >= 3, *repicked)
    # The third keeps the submitter at work until the picks have changed.
    ending = campaign.run(source, follow_up(source, 1), other, generation("c"))
    assert [request.get("imageIndex") for request in service.inputs if request["mode"] == "upscale"] == [1, 3]
    orphans = {record.key: record.state for record in campaign.records() if not record.wanted}
    assert orphans == {"upscale/a/1": DONE} | ({"hero/c": DONE} if "c" in service.prompts else {})
    assert ends(ending)[DONE] == 3
    assert campaign.files_are_as_recorded()
    assert campaign.notes.tally is not None
    assert min(campaign.notes.tally.counts.values()) >= 0


def test_a_pick_beyond_what_was_agreed_to_is_not_carried_out(campaign: Campaign, service: Service) -> None:
    first, second = generation("a"), generation("b")
    campaign.limits = replace(campaign.limits, concurrency=1)
    slow(service, asked=3)
    campaign.replan = once(lambda: len(service.inputs) >= 2, first, follow_up(first, 2), second)
    ending = campaign.run(first, kept_for_picks(first), second, cap=usd("0.50"))
    assert (ending.stop, service.count("submit"), ending.balance.committed) == (StopReason.AGREED, 2, usd("0.40"))


def test_picks_that_make_the_plan_invalid_change_nothing_and_the_run_goes_on(
    campaign: Campaign, service: Service
) -> None:
    """Two picks for one path are such a mistake: the run says where it is, the next one reports it."""
    asked = 0

    def mistaken(_: WriteBeside) -> bool:
        nonlocal asked
        asked += 1
        place = Place(file="picks.csv", line=2)
        raise InvalidManifest([Diagnostic(place=place, code="MJ061", message="two images with one path")])

    campaign.limits = replace(campaign.limits, concurrency=1)
    slow(service, asked=3)
    campaign.replan = mistaken
    ending = campaign.run(generation("a"), generation("b"))
    assert (ends(ending), ending.stop) == ({DONE: 2}, None)
    assert asked
    said = "the changed picks are ignored until they are fixed: picks.csv:2:1: two images with one path"
    assert said in campaign.notes.lines


def test_an_edit_that_was_picked_meanwhile_is_given_a_fresh_url(campaign: Campaign, service: Service) -> None:
    source, other = generation("a"), generation("b")
    service.on_status = lambda task, times: succeeded(task, [f"{url}&sent={times}" for url in urls(task)])
    campaign.run(source)
    campaign.clock._begin += 3 * 24 * 3600
    campaign.limits = replace(campaign.limits, concurrency=1)
    campaign.replan = once(lambda: len(service.inputs) >= 2, source, by_url(source, 2), other, generation("c"))
    campaign.run(source, kept_for_picks(source), other, generation("c"))
    (edit,) = [request for request in service.inputs if request["mode"] == "image-edit"]
    assert edit["image_urls"] == [f"{urls('task_1')[2]}&sent=2"]


def test_followers_of_images_that_did_not_come_are_not_made_by_a_new_plan(campaign: Campaign, service: Service) -> None:
    first, second = generation("a"), generation("b")
    campaign.limits = replace(campaign.limits, concurrency=1)
    service.on_status = lambda task, _times: succeeded(task, urls(task, 2))
    both = [first, follow_up(first, 1), follow_up(first, 3), second]
    campaign.replan = once(lambda: len(service.inputs) >= 2, *both)
    campaign.run(first, kept_for_picks(first), second)
    assert campaign.states()["upscale/a/3"] is SKIPPED
