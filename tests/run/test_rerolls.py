"""A run that makes a result again: what is sent, when it is asked for, and what becomes of the images before."""

from dataclasses import replace
from typing import Any

import httpx
import pytest

from mjpipe.contract import Mode
from mjpipe.domain import Job, JobState, Money, TaskId, usd
from mjpipe.ledger import Ledger
from mjpipe.run.releasing import offers_unknown_note
from tests.ledger.jobs import adopt, follow_up, generation, submit
from tests.run.campaign import Campaign, QuickClock, ends
from tests.run.service import Answer, Service, failed, picture, png, processing, urls
from tests.run.test_picks_meanwhile import kept_for_picks, once, slow

DONE, FAILED, READY, SUBMITTED, SUCCEEDED, WAITING = (
    JobState.DONE,
    JobState.FAILED,
    JobState.READY,
    JobState.SUBMITTED,
    JobState.SUCCEEDED,
    JobState.WAITING,
)
A = generation("a")
UPSCALE = follow_up(A, 1)
PLACES = [f"hero/a-{number}.png" for number in range(4)]


def rerolled(job: Job, task: str) -> Job:
    return job._replace(reroll_of=TaskId(task))


def at_places(campaign: Campaign, task: str) -> bool:
    """Whether the images of a task lie at the places of `hero/a`."""
    contents = [(campaign.outputs / place).read_bytes() for place in PLACES]
    return contents == [png(url) for url in urls(task)]


def in_orphans(campaign: Campaign) -> list[bytes]:
    return sorted((campaign.outputs / name).read_bytes() for name in campaign.files() if name.startswith(".orphans/"))


def test_the_new_images_take_the_places_and_the_old_ones_are_kept(campaign: Campaign, service: Service) -> None:
    campaign.run(A, UPSCALE)
    ending = campaign.run(rerolled(A, "task_1"), UPSCALE)
    assert service.inputs[2:] == [
        {"mode": "reroll", "taskId": "task_1"},
        {"mode": "upscale", "imageIndex": 1, "taskId": "task_3"},
    ]
    assert (ends(ending), ending.balance.spent) == ({DONE: 2}, usd("0.80"))
    assert at_places(campaign, "task_3")
    assert in_orphans(campaign) == sorted([*map(png, urls("task_1")), png(urls("task_2")[0])])
    assert campaign.files_are_as_recorded()
    calls = len(service.calls)
    assert (ends(campaign.run(A, UPSCALE)), len(service.calls)) == ({DONE: 2}, calls)


def test_the_old_images_keep_their_places_until_the_new_ones_come(campaign: Campaign, service: Service) -> None:
    campaign.run(A)
    service.on_status = lambda task, _times: failed(task, "PromptInvalid")
    ending = campaign.run(rerolled(A, "task_1"))
    assert (ends(ending), ending.balance.at_risk) == ({FAILED: 1}, usd("0.20"))
    assert at_places(campaign, "task_1")
    service.on_status = None
    assert ends(campaign.run(A)) == {DONE: 1}
    assert (at_places(campaign, "task_1"), service.count("submit")) == (True, 2)


def test_images_that_shall_be_replaced_come_after_their_output_folder(campaign: Campaign, service: Service) -> None:
    campaign.run(A)
    campaign.outputs_dir = "elsewhere"
    assert campaign.run(rerolled(A, "task_1"), budget=usd("0.30")).stop is not None
    assert (at_places(campaign, "task_1"), not list((campaign.folder / "out").rglob("*.png"))) == (True, True)
    campaign.outputs_dir = "out"
    campaign.run(rerolled(A, "task_1"))
    assert at_places(campaign, "task_2")
    assert in_orphans(campaign) == sorted(map(png, urls("task_1")))
    assert (campaign.files_are_as_recorded(), service.count("submit")) == (True, 2)


def test_a_deleted_image_of_a_result_that_shall_be_replaced_is_fetched_beside(
    campaign: Campaign, service: Service
) -> None:
    campaign.run(A)
    (campaign.outputs / PLACES[2]).unlink()
    campaign.run(rerolled(A, "task_1"))
    assert at_places(campaign, "task_2")
    assert in_orphans(campaign) == sorted(map(png, urls("task_1")))
    assert campaign.files_are_as_recorded()


def test_a_file_that_somebody_has_changed_is_not_overwritten_by_the_new_images(
    campaign: Campaign, service: Service
) -> None:
    campaign.run(A)
    retouched = png("retouched")
    (campaign.outputs / PLACES[2]).write_bytes(retouched + b"by hand")
    ending = campaign.run(rerolled(A, "task_1"))
    assert (ends(ending), list(ending.incomplete)) == ({SUCCEEDED: 1}, ["hero/a"])
    assert (campaign.outputs / PLACES[2]).read_bytes() == retouched + b"by hand"
    assert "task_2" in service.tasks


def test_a_reroll_whose_task_times_out_is_sent_again_and_one_that_is_declined_fails(
    campaign: Campaign, service: Service
) -> None:
    campaign.run(A)
    service.on_status = lambda task, _times: failed(task, "Task TimeOut") if task == "task_2" else service.succeed(task)
    ending = campaign.run(rerolled(A, "task_1"))
    assert (ends(ending), ending.balance.at_risk, ending.balance.spent) == ({DONE: 1}, usd("0.20"), usd("0.40"))
    assert service.inputs[1:] == [{"mode": "reroll", "taskId": "task_1"}] * 2
    assert at_places(campaign, "task_3")


def test_a_reroll_beyond_the_budget_is_not_sent_and_the_images_stay(campaign: Campaign, service: Service) -> None:
    campaign.run(A)
    campaign.run(rerolled(A, "task_1"), budget=usd("0.39"))
    assert (service.count("submit"), at_places(campaign, "task_1")) == (1, True)


def test_a_task_is_asked_for_when_its_reroll_is_due_also_by_the_next_run(campaign: Campaign, service: Service) -> None:
    """A reroll has poll times of its own: those of the mode that was sent, not of the job's, which would be sooner."""
    campaign.clock = service.clock = QuickClock(faster=100)  # a disk takes little of five seconds then
    vary = follow_up(A, 0, mode="vary")
    campaign.run(A, vary)
    again = rerolled(vary, "task_2")
    adopt(campaign.ledger, A, again)
    service.tasks["task_3"] = {"mode": "reroll"}
    submit(campaign.ledger, now=campaign.clock())
    (task,) = campaign.ledger.submissions.in_flight()
    assert (task.task, task.request["mode"]) == ("task_3", "reroll")
    calls = len(service.calls)
    assert ends(campaign.run(A, again)) == {DONE: 2}
    first = next(call.at for call in service.calls[calls:] if call.kind == "status")
    assert first - task.accepted >= Mode.REROLL.facts.timing(None).first_poll > Mode.VARY.facts.timing(None).first_poll


def test_follow_ups_are_judged_by_the_mode_that_was_sent(campaign: Campaign, service: Service) -> None:
    """The page offers no enhancement of a variation, but one of a reroll."""
    vary = follow_up(A, 0, mode="vary")
    enhance = follow_up(vary, 2, mode="enhance")
    ending = campaign.run(A, vary, enhance)
    assert campaign.record(enhance.key).code == "not_offered"
    ending = campaign.run(A, rerolled(vary, "task_2"), enhance)
    assert (ends(ending), service.inputs[-1]["mode"]) == ({DONE: 3}, "enhance")


def test_a_reroll_that_the_service_did_not_offer_fails_unsent(campaign: Campaign, service: Service) -> None:
    service.on_status = lambda task, _times: service.succeed(task, supported_actions=[{"mode": "vary"}])
    campaign.run(A)
    ending = campaign.run(rerolled(A, "task_1"), UPSCALE)
    record = campaign.record("hero/a")
    assert (ends(ending), record.reason) == (
        {FAILED: 1, WAITING: 1},
        "the service does not offer `reroll` after this task",
    )
    assert (service.count("submit"), at_places(campaign, "task_1")) == (1, True)


@pytest.mark.parametrize("offered", [None, [{"mode": "upscale"}]])
def test_a_person_hears_once_that_the_table_decides_what_the_service_did_not_say(
    campaign: Campaign, service: Service, offered: list[dict[str, Any]] | None
) -> None:
    more = {} if offered is None else {"supported_actions": offered}
    service.on_status = lambda task, _times: service.succeed(task, **more)
    campaign.run(*(job for name in "abc" for job in (generation(name), follow_up(generation(name), 1))))
    assert campaign.notes.lines == ([offers_unknown_note("upscale")] if offered is None else [])
    campaign.notes.lines.clear()
    campaign.run(generation("d"))
    assert campaign.notes.lines == []


def test_a_reroll_that_is_asked_for_during_a_run_is_carried_out_by_it(campaign: Campaign, service: Service) -> None:
    other = generation("b")
    campaign.run(A, UPSCALE)
    campaign.limits = replace(campaign.limits, concurrency=1)
    slow(service, asked=3)
    again = [rerolled(A, "task_1"), UPSCALE, other, generation("c")]
    campaign.replan = once(lambda: len(service.inputs) >= 3, *again)
    ending = campaign.run(A, UPSCALE, other, generation("c"))
    assert ends(ending) == {DONE: 4}
    assert {"mode": "reroll", "taskId": "task_1"} in service.inputs
    assert (len(in_orphans(campaign)), ending.incomplete) == (5, {})
    assert campaign.files_are_as_recorded()


def test_an_orphan_of_new_picks_gives_its_place_to_what_was_picked(campaign: Campaign, service: Service) -> None:
    """Two picks may have one path as long as one of them is made."""
    other = generation("b")
    first, second = (follow_up(A, number)._replace(paths=("best.\x1a",)) for number in (1, 3))
    campaign.run(A, first)
    campaign.limits = replace(campaign.limits, concurrency=1)
    slow(service, asked=3)
    campaign.replan = once(lambda: len(service.inputs) >= 3, A, second, other, generation("c"))
    ending = campaign.run(A, first, other, generation("c"))
    assert (ends(ending), ending.incomplete) == ({DONE: 4}, {})
    (task,) = [task for task, sent in service.tasks.items() if sent.get("imageIndex") == 3]
    assert (campaign.outputs / "best.png").read_bytes() == png(urls(task)[0])
    assert in_orphans(campaign) == [png(urls("task_2")[0])]
    assert campaign.files_are_as_recorded()


def test_old_images_that_are_still_being_fetched_do_not_stand_in_the_way_of_the_new_ones(
    campaign: Campaign, service: Service
) -> None:
    """Three of them are at their places, and nobody has recorded it yet, when new ones are asked for."""
    campaign.limits = replace(campaign.limits, concurrency=1)

    def answer(url: str, times: int) -> Answer:
        busy = httpx.Response(503, headers={"Retry-After": "60"})
        return busy if "task_1/3" in url and times < 5 else picture(url)

    service.on_image = answer
    again = [rerolled(A, "task_1"), generation("b")]
    campaign.replan = once(lambda: len(service.inputs) >= 2, *again)
    ending = campaign.run(A, generation("b"))
    assert {"mode": "reroll", "taskId": "task_1"} in service.inputs
    (task,) = [task for task, sent in service.tasks.items() if sent["mode"] == "reroll"]
    assert (ends(ending), ending.incomplete) == ({DONE: 2}, {})
    assert at_places(campaign, task)
    assert in_orphans(campaign) == sorted(map(png, urls("task_1")))
    assert campaign.files_are_as_recorded()


def test_images_of_a_replaced_result_that_never_came_are_fetched_beside(campaign: Campaign, service: Service) -> None:
    service.on_image = lambda url, _times: httpx.Response(500) if "task_1/3" in url else picture(url)
    campaign.run(A)
    service.on_image = None
    ending = campaign.run(rerolled(A, "task_1"))
    assert (ends(ending), ending.incomplete) == ({DONE: 1}, {})
    assert at_places(campaign, "task_2")
    assert in_orphans(campaign) == sorted(map(png, urls("task_1")))


def test_a_run_that_was_killed_while_images_gave_way_finds_them(campaign: Campaign, service: Service) -> None:
    campaign.run(A)
    service.on_image = lambda url, _times: httpx.Response(500) if "task_2" in url else picture(url)
    campaign.run(rerolled(A, "task_1"))
    service.on_image = None
    # As a run leaves it that is killed when the old images have left their places and have no others yet.
    moving = campaign.outputs / ".workshop" / "moving"
    moving.mkdir(parents=True, exist_ok=True)
    for image in campaign.record("hero/a").attempts[0].images:
        assert image.path is not None
        (campaign.outputs / image.path).rename(moving / f"1-{image.number}")
    campaign.ledger.connection.execute(
        "UPDATE images SET path = 'hero/a-' || number || '.png' WHERE attempt = 1"  # as it was before they moved
    )
    ending = campaign.run(A)
    assert (ends(ending), at_places(campaign, "task_2")) == ({DONE: 1}, True)
    assert in_orphans(campaign) == sorted(map(png, urls("task_1")))
    assert campaign.files_are_as_recorded()


@pytest.fixture
def with_extra(campaign: Campaign, service: Service) -> Campaign:
    """`hero/a` was answered with 504, is done as task_1, and has turned out to be task_found, too."""
    service.on_submit = lambda request, number: httpx.Response(504) if number == 1 else service.accept(request)
    campaign.run(A, UPSCALE)
    service.tasks["task_found"] = {"mode": "text-to-image"}
    assert not campaign.ledger.decisions.resolve_as_task(A.key, TaskId("task_found"), campaign.clock())
    return campaign


def test_an_extra_is_spent_and_fetched_beside_the_result(with_extra: Campaign, service: Service) -> None:
    submitted = service.count("submit")
    ending = with_extra.run(A, UPSCALE)
    assert (ends(ending), ending.balance.spent, ending.balance.at_risk) == ({DONE: 2}, usd("0.60"), usd("0"))
    assert (at_places(with_extra, "task_1"), service.count("submit")) == (True, submitted)
    assert in_orphans(with_extra) == sorted(map(png, urls("task_found")))
    assert with_extra.files_are_as_recorded()


def test_an_extra_that_failed_stays_at_risk_and_its_job_is_done(with_extra: Campaign, service: Service) -> None:
    service.on_status = lambda task, _times: failed(task, "Task TimeOut")
    ending = with_extra.run(A, UPSCALE)
    assert (ends(ending), ending.balance.at_risk, service.count("submit")) == ({DONE: 2}, usd("0.20"), 3)
    assert [attempt.money for attempt in with_extra.record("hero/a").attempts] == [Money.AT_RISK, Money.SPENT]
    assert with_extra.notes.lines[-1].startswith("`task_found`, an extra task of `hero/a`, failed: ")


def test_an_extra_that_is_slow_holds_up_nobody(with_extra: Campaign, service: Service) -> None:
    with_extra.limits = replace(with_extra.limits, task_timeout=60.0)
    service.on_status = lambda task, _times: processing(task) if task == "task_found" else service.succeed(task)
    ending = with_extra.run(A, UPSCALE, generation("b"))
    assert (ends(ending), ending.late) == ({DONE: 3}, frozenset({"hero/a"}))


def test_a_source_of_a_stopped_node_does_not_push_others_out_of_view(campaign: Campaign) -> None:
    def by_url(source: Job, node: str) -> Job:
        job = follow_up(source, 0, mode="edit")
        request = {"mode": "image-edit", "image_urls": ["\x1b"]}
        return job._replace(node=node, key=type(job.key)(f"{node}/{source.key}"), request=request)

    ledger: Ledger = campaign.ledger
    b = generation("b")
    campaign.run(A, b)
    adopt(ledger, A, by_url(A, "stopped"), b, by_url(b, "going"))
    ledger.connection.execute("UPDATE jobs SET state = 'ready' WHERE state = 'waiting'")

    def to_check(as_of: float, *stopped: str) -> list[str]:
        found = ledger.source_checks.due(limit=1, budget=None, as_of=as_of, elapsed=0.0, stopped=stopped)
        return [source.task for source in found]

    later, told_later_than_now = campaign.clock() + 7200.0, campaign.clock() - 86_400.0  # the clock was set back
    assert (to_check(later), to_check(later, "stopped")) == (["task_1"], ["task_2"])
    assert (to_check(told_later_than_now), to_check(campaign.clock())) == (["task_1"], [])


def test_a_place_for_picks_comes_back_when_its_source_is_made_again(campaign: Campaign, service: Service) -> None:
    picked = follow_up(A, 2)
    campaign.run(A, picked)
    campaign.run(rerolled(A, "task_1"), kept_for_picks(A))
    assert campaign.states() == {"hero/a": DONE, "hero/a/?": JobState.UNPICKED}
    campaign.run(A, picked)
    assert service.inputs[-1] == {"mode": "upscale", "imageIndex": 2, "taskId": "task_3"}
