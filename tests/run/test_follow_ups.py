"""Follow-ups: released when their source has succeeded, with its task or its URL, and only when they are offered."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest

from mjpipe.domain import SOURCE_URL, ZERO, Fingerprint, Job, JobKey, JobState, Kind, Source, usd
from tests.ledger.jobs import follow_up, generation, standings
from tests.run.campaign import Campaign, ends
from tests.run.service import Answer, Service, enveloped, failed, succeeded, urls

READY, DONE, FAILED, WAITING, SKIPPED = (
    JobState.READY,
    JobState.DONE,
    JobState.FAILED,
    JobState.WAITING,
    JobState.SKIPPED,
)
CHAIN = ["hero/a", "upscale/a/1", "vary/a/1/0"]


def chain() -> list[Job]:
    source = generation("a")
    upscale = follow_up(source, 1)
    further = follow_up(upscale, 0, mode="vary")._replace(key=JobKey("vary/a/1/0"))
    return [source, upscale, further]


def typed(job: Job, option: int) -> Job:
    return job._replace(request={**job.request, "type": option})


def by_url(source: Job, number: int, mode: str = "image-edit") -> Job:
    """An edit, or a generation from an image: it names the image by its URL."""
    key = JobKey(f"{mode}/{source.row['sku']}/{number}")
    return Job(
        key=key,
        fingerprint=Fingerprint(f"{mode}-{source.fingerprint}-{number}"),
        node=mode,
        kind=Kind.EDIT if mode == "image-edit" else Kind.GENERATE,
        request={"mode": mode, "prompt": "warmer", "image_urls": [SOURCE_URL], "speed": "fast"},
        price=usd("0.30"),
        paths=tuple(f"{key.replace('/', '-')}-{image}.png" for image in range(4)),
        row=source.row,
        source=Source(key=source.key, fingerprint=source.fingerprint, number=number),
        depth=source.depth + 1,
    )


def offering(*modes: str, count: int = 4) -> Callable[[str, int], Answer]:
    offered = [{"mode": mode, "imageIndex_options": list(range(count))} for mode in modes]
    return lambda task, _times: succeeded(task, urls(task, count), supported_actions=offered)


def test_a_chain_is_made_from_its_source_to_its_end(campaign: Campaign, service: Service) -> None:
    ending = campaign.run(*chain())
    assert ends(ending) == {DONE: 3}
    assert [(request["mode"], request.get("taskId"), request.get("imageIndex")) for request in service.inputs] == [
        ("text-to-image", None, None),
        ("upscale", "task_1", 1),
        ("vary", "task_2", 0),
    ]


def test_a_reroll_names_the_task_alone(campaign: Campaign, service: Service) -> None:
    source = generation("a")
    campaign.run(source, follow_up(source, None, mode="reroll"))
    assert service.inputs[1] == {"mode": "reroll", "taskId": "task_1"}


@pytest.mark.parametrize("mode", ["image-edit", "image-to-image"])
def test_what_goes_by_url_is_given_the_url_of_its_image_and_no_task(
    campaign: Campaign, service: Service, mode: str
) -> None:
    source = generation("a")
    job = by_url(source, 2, mode)
    ending = campaign.run(source, job)
    assert ends(ending) == {DONE: 2}
    assert service.inputs[1] == {**job.request, "image_urls": [urls("task_1")[2]]}


def test_a_generation_from_an_image_needs_no_offer_of_the_service(campaign: Campaign, service: Service) -> None:
    source = generation("a")
    service.on_status = offering("upscale")
    assert ends(campaign.run(source, by_url(source, 0, "image-to-image"))) == {DONE: 2}


def test_an_image_that_did_not_come_skips_its_job_and_costs_nothing(campaign: Campaign, service: Service) -> None:
    source = generation("a")
    service.on_status = lambda task, _times: succeeded(task, urls(task, 2))
    ending = campaign.run(source, follow_up(source, 1), follow_up(source, 3))
    assert campaign.states() == {"hero/a": DONE, "upscale/a/1": DONE, "upscale/a/3": SKIPPED}
    assert campaign.record("upscale/a/3").reason == "image 3 did not come: the task made 2"
    assert (ending.balance.committed, service.count("submit")) == (usd("0.40"), 2)


def test_all_is_all_that_came_and_what_would_follow_from_the_rest_is_forgotten(
    campaign: Campaign, service: Service
) -> None:
    source = generation("a")
    service.on_status = lambda task, _times: succeeded(task, urls(task, 2))
    upscales = [follow_up(source, number)._replace(from_all_images=True) for number in range(4)]
    kept = [
        follow_up(upscale, None, mode="vary")._replace(key=JobKey(f"{upscale.key}/?"), possible_jobs=(("vary", None),))
        for upscale in upscales
    ]
    ending = campaign.run(source, *(job for pair in zip(upscales, kept, strict=True) for job in pair))
    assert campaign.states() == {
        "hero/a": DONE,
        "upscale/a/0": DONE,
        "upscale/a/0/?": JobState.UNPICKED,
        "upscale/a/1": DONE,
        "upscale/a/1/?": JobState.UNPICKED,
    }
    assert (service.count("submit"), ending.of(SKIPPED)) == (3, 0)


def test_what_the_service_does_not_offer_fails_unsent(campaign: Campaign, service: Service) -> None:
    source = generation("a")
    service.on_status = offering("vary", "reroll")
    ending = campaign.run(source, follow_up(source, 1))
    assert campaign.states() == {"hero/a": DONE, "upscale/a/1": FAILED}
    assert campaign.record("upscale/a/1").reason == "the service does not offer `upscale` after this task"
    assert (service.count("submit"), ending.balance.committed) == (1, usd("0.20"))


def test_a_type_that_the_service_does_not_offer_fails_unsent_and_the_plan_knows(
    campaign: Campaign, service: Service
) -> None:
    source = generation("a")
    offers = [
        {"mode": "vary", "imageIndex_options": [0, 1, 2, 3], "type_options": [0]},
        {"mode": "upscale", "imageIndex_options": [0, 1, 2, 3], "type_options": [0, 1]},
    ]
    service.on_status = lambda task, _times: succeeded(task, urls(task), supported_actions=offers)
    campaign.run(source)
    jobs = [source, typed(follow_up(source, 0, mode="vary"), 1), typed(follow_up(source, 1), 3)]
    planned = standings(campaign.ledger, jobs)
    assert [(standing.state, standing.offered) for standing in planned.values()] == [
        (DONE, True),
        (FAILED, False),
        (FAILED, False),
    ]
    campaign.run(*jobs)
    assert campaign.states() == {key: standing.state for key, standing in planned.items()}
    assert [campaign.record(job.key).reason for job in jobs[1:]] == [
        "the service offers `vary` after this task for `type` 0, not for `type` 1",
        "the service offers `upscale` after this task for `type` 0, 1, not for `type` 3",
    ]
    assert service.count("submit") == 1


def test_an_answer_without_actions_leaves_it_to_the_table_of_the_page(campaign: Campaign) -> None:
    source = generation("a")
    upscale = follow_up(source, 0)
    again = follow_up(upscale, 0)._replace(key=JobKey("upscale/a/0/0"))  # an upscale of an upscale: not in the table
    campaign.run(source, upscale, again)
    assert list(campaign.states().values()) == [DONE, DONE, FAILED]


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (lambda task: failed(task, "PromptInvalid"), FAILED),
        (lambda task: enveloped(200, {"taskId": task, "state": "processing"}), JobState.SUBMITTED),
    ],
    ids=["failed", "late"],
)
def test_what_follows_from_a_job_without_an_end_waits_and_nothing_else_does(
    campaign: Campaign, service: Service, answer: Callable[[str], httpx.Response], state: JobState
) -> None:
    campaign.limits = replace(campaign.limits, task_timeout=60.0)
    service.on_status = lambda task, _times: answer(task) if task == "task_1" else service.succeed(task)
    other = generation("b")
    campaign.run(*chain(), other, follow_up(other, 0))
    assert list(campaign.states().values()) == [state, WAITING, WAITING, DONE, DONE]


def test_a_follow_up_of_a_second_attempt_names_that_task(campaign: Campaign, service: Service) -> None:
    source = generation("a")
    service.on_status = lambda task, _times: failed(task, "Task TimeOut") if task == "task_1" else service.succeed(task)
    campaign.run(source, follow_up(source, 1))
    assert service.inputs[-1] == {"mode": "upscale", "imageIndex": 1, "taskId": "task_2"}


def test_a_follow_up_that_a_later_plan_adds_starts_from_what_was_made(campaign: Campaign, service: Service) -> None:
    source = generation("a")
    campaign.run(source)
    ending = campaign.run(source, follow_up(source, 2), by_url(source, 3))
    assert ends(ending) == {DONE: 3}
    assert [request.get("taskId") or request["image_urls"] for request in service.inputs[1:]] == [
        "task_1",
        [urls("task_1")[3]],
    ]


@pytest.mark.parametrize("answers", [True, False])
def test_the_url_of_an_image_that_was_sent_days_ago_is_asked_for_again(
    campaign: Campaign, service: Service, *, answers: bool
) -> None:
    """A person takes days to pick; a URL that has expired by then would make a task that fails, and is paid."""

    def status(task: str, times: int) -> Answer:
        if times > 1 and not answers:
            return enveloped(500)
        return succeeded(task, [f"{url}&sent={times}" for url in urls(task)])

    source = generation("a")
    service.on_status = status
    campaign.run(source)
    campaign.clock._begin += 3 * 24 * 3600
    campaign.run(source, by_url(source, 2))
    (url,) = service.inputs[1]["image_urls"]
    assert url.endswith("/2.png?signature=task_1&sent=2" if answers else "/2.png?signature=task_1&sent=1")


def test_a_follow_up_does_not_wait_for_the_files_of_its_source(campaign: Campaign, service: Service) -> None:
    source = generation("a")
    service.on_image = lambda url, _times: httpx.Response(500) if "task_1/" in url else httpx.Response(410)
    campaign.run(source, follow_up(source, 0))
    assert service.prompts == ["a", "upscale"]


def test_a_run_that_was_killed_between_success_and_release_releases_the_next_time(
    campaign: Campaign, service: Service
) -> None:
    """Both are one commit; a plan that adds the follow-up while its source is in flight comes to the same."""
    source = generation("a")
    service.on_status = lambda task, _times: enveloped(200, {"taskId": task, "state": "processing"})
    campaign.limits = replace(campaign.limits, task_timeout=60.0)
    campaign.run(source)
    service.on_status = None
    ending = campaign.run(source, follow_up(source, 0))
    assert (ends(ending), ending.balance.reserved) == ({DONE: 2}, ZERO)


def test_picks_are_never_anticipated(campaign: Campaign, service: Service) -> None:
    source = generation("a")
    kept = follow_up(source, None)._replace(key=JobKey("upscale/a/?"), possible_jobs=(("upscale", usd("0.30")),))
    ending = campaign.run(source, kept)
    assert ends(ending) == {DONE: 1, JobState.UNPICKED: 1}
    assert service.count("submit") == 1


def test_followers_of_many_sources_find_their_own(campaign: Campaign, service: Service) -> None:
    sources = [generation(f"{number:02}") for number in range(12)]
    jobs = [job for source in sources for job in (source, follow_up(source, 3), by_url(source, 1))]
    assert ends(campaign.run(*jobs)) == {DONE: 36}

    def prompt_of(request: dict[str, Any]) -> str:
        task = request.get("taskId") or str(request["image_urls"][0]).split("/")[3]
        return str(service.tasks[task]["prompt"])

    for record in campaign.records():
        (attempt,) = record.attempts
        if record.source is not None:
            assert prompt_of(service.tasks[str(attempt.task)]) == record.row["sku"]
