"""Runs of a state that was made again of receipts: nothing is bought again, and what is missing is fetched."""

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import replace

import httpx
import pytest

from mjpipe.domain import IMAGES_GONE, Answered, Job, JobState, Money, usd
from mjpipe.ledger import AttemptRecord, JobRecord, Ledger
from mjpipe.ledger.receipts import PlacedImage, RecordedAttempt, RecordedSource, RecoveredFrom
from tests.ledger.jobs import adopt, follow_up, generation
from tests.run.campaign import START, Campaign, QuickClock, ends
from tests.run.service import Service, enveloped, succeeded, urls
from tests.run.test_follow_ups import by_url

DONE, FAILED, READY, SUBMITTED, SUCCEEDED, SKIPPED = (
    JobState(state) for state in ("done", "failed", "ready", "submitted", "succeeded", "skipped")
)
HERO = generation("a")


def recorded(
    job: JobRecord, attempt: AttemptRecord, source: JobRecord | None, *, ended: bool = True
) -> RecordedAttempt:
    """What the receipts say of an attempt whose images are on disk."""
    assert source is None or source.attempt is not None
    return RecordedAttempt(
        uid=attempt.uid,
        found_in=RecoveredFrom.RECEIPTS,
        host="api.test",
        campaign="spring",
        node=job.node,
        key=job.key,
        fingerprint=job.fingerprint,
        mode=str(attempt.request["mode"]),
        speed="fast",
        source=source and RecordedSource(key=source.key, task=source.attempt.task or "", number=job.source_number),  # type: ignore[union-attr, arg-type]  # as asserted
        price=attempt.price,
        intended=attempt.intended,
        answered=attempt.answered,
        finished=attempt.finished if ended else None,
        task=attempt.task,
        outcome=attempt.outcome,
        money=attempt.money if ended else Money.RESERVED,
        image_count=len(attempt.images) if ended and attempt.images else None,
        images=tuple(
            PlacedImage(number=image.number, path=image.path, sha256=image.sha256 or "", size=image.size or 0)
            for image in attempt.images
            if image.path is not None
        ),
    )


def lose_state(campaign: Campaign, *plan: Job, ended: bool = True) -> None:
    """Another ledger in the place of the campaign's, made of what the receipts of that say."""
    jobs = {job.key: job for job in campaign.records()}
    attempts = [
        recorded(job, attempt, None if job.source is None else jobs[job.source], ended=ended)
        for job in jobs.values()
        for attempt in job.attempts
    ]
    campaign.ledger.close()
    campaign.ledger = Ledger.open(campaign.folder / "again.sqlite")
    campaign.ledger.recover(attempts, now=campaign.clock(), outputs=campaign.outputs, host="api.test")
    adopt(campaign.ledger, *plan)


def delete(campaign: Campaign, *names: str) -> None:
    for name in names:
        (campaign.outputs / name).unlink()


def unknown(_task: str, _times: int) -> httpx.Response:
    return enveloped(404, "task not found")


def chain() -> list[Job]:
    return [HERO, follow_up(HERO, 0)]


def test_a_run_of_what_is_all_there_asks_for_nothing(campaign: Campaign, service: Service) -> None:
    campaign.run(*chain())
    files, calls = campaign.files(), len(service.calls)
    lose_state(campaign, *chain())
    assert ends(campaign.run(*chain())) == {DONE: 2}
    assert (campaign.files(), len(service.calls)) == (files, calls)
    assert campaign.files_are_as_recorded()


def test_images_that_are_missing_are_fetched_at_urls_that_the_service_says_again(
    campaign: Campaign, service: Service
) -> None:
    campaign.run(*chain())
    delete(campaign, "hero/a-1.png", "hero/a-3.png")
    lose_state(campaign, *chain())
    assert campaign.states() == {"hero/a": SUCCEEDED, "upscale/a/0": DONE}
    before = service.count("submit"), service.count("image")
    assert ends(campaign.run(*chain())) == {DONE: 2}
    assert (service.count("submit"), service.count("image")) == (before[0], before[1] + 2)
    assert campaign.files_are_as_recorded()
    assert [image.url for image in campaign.record("hero/a").images] == urls("task_1")


def test_a_file_that_is_lost_after_the_recovery_is_fetched_as_well(campaign: Campaign, service: Service) -> None:
    campaign.run(HERO)
    lose_state(campaign, HERO)
    delete(campaign, "hero/a-1.png")
    assert ends(campaign.run(HERO)) == {DONE: 1}
    assert service.count("submit") == 1
    assert campaign.files_are_as_recorded()


def test_a_task_of_which_nothing_says_how_it_ended_is_asked_for_and_its_images_stay(
    campaign: Campaign, service: Service
) -> None:
    campaign.run(*chain())
    files = campaign.files()
    lose_state(campaign, *chain(), ended=False)
    assert campaign.states() == {"hero/a": SUBMITTED, "upscale/a/0": SUBMITTED}
    assert ends(campaign.run(*chain())) == {DONE: 2}
    assert (service.count("submit"), campaign.files()) == (2, files)
    assert campaign.files_are_as_recorded()


def test_images_that_the_service_no_longer_has_are_named_and_stay_paid(campaign: Campaign, service: Service) -> None:
    campaign.run(*chain())
    delete(campaign, "hero/a-1.png")
    lose_state(campaign, *chain())
    service.on_status = unknown
    ending = campaign.run(*chain())
    assert campaign.states() == {"hero/a": FAILED, "upscale/a/0": DONE}
    record = campaign.record("hero/a")
    assert (record.code, record.reason) == (
        IMAGES_GONE,
        "image 1 could not be fetched: the service names no URL any more",
    )
    assert (service.count("submit"), ending.balance.spent) == (2, usd("0.40"))


def test_when_all_images_are_gone_a_person_is_not_told_of_each(campaign: Campaign, service: Service) -> None:
    plan, former = [generation(name) for name in "abcde"], [generation("x"), generation("y")]
    campaign.run(*plan, *former)
    shutil.rmtree(campaign.outputs)
    lose_state(campaign, *plan)
    service.on_status = unknown
    assert ends(campaign.run(*plan)) == {FAILED: 5}
    gone = [line for line in campaign.notes.lines if "gone" in line]
    reason = "images 0, 1, 2, 3 could not be fetched: the service names no URL any more"
    assert len(gone) == 5
    assert sum(line.endswith(f"` is paid, and images of it are gone: {reason}") for line in gone) == 3
    assert {line for line in gone if " is paid" not in line} == {
        "images of more jobs are gone; the report below counts them",
        "images that the manifest does not use are gone: the service no longer has them",
    }


def test_images_without_a_url_wait_for_the_next_run_when_the_service_does_not_answer(
    campaign: Campaign, service: Service
) -> None:
    campaign.run(HERO)
    delete(campaign, "hero/a-1.png")
    lose_state(campaign, HERO)
    service.on_status = lambda _task, _times: httpx.Response(500)
    assert ends(campaign.run(HERO)) == {SUCCEEDED: 1}
    service.on_status = None
    assert ends(campaign.run(HERO)) == {DONE: 1}
    assert service.count("submit") == 1


def test_a_recovered_task_that_the_service_does_not_know_is_given_up_and_stays_paid(
    campaign: Campaign, service: Service
) -> None:
    campaign.run(*chain())
    lose_state(campaign, *chain(), ended=False)
    service.on_status = unknown
    campaign.clock = QuickClock(START + 3600)
    ending = campaign.run(*chain())
    assert campaign.states() == {"hero/a": FAILED, "upscale/a/0": FAILED}
    record = campaign.record("hero/a")
    assert (record.code, record.reason) == (IMAGES_GONE, "the service does not know its task `task_1`, or no longer")
    assert (service.count("submit"), ending.balance.spent, ending.balance.reserved) == (2, usd("0.40"), usd("0"))
    calls = len(service.calls)
    campaign.run(*chain())
    assert len(service.calls) == calls, "it is not asked for again"
    service.on_status = None
    assert campaign.ledger.decisions.retry_failed() == 2
    assert ends(campaign.run(*chain())) == {DONE: 2}
    assert service.count("submit") == 2


def test_a_recovered_task_that_is_new_is_asked_for_until_the_service_knows_it(
    campaign: Campaign, service: Service
) -> None:
    campaign.run(HERO)
    lose_state(campaign, HERO, ended=False)
    service.on_status = lambda task, times: enveloped(404, "task not found") if times < 5 else service.succeed(task)
    assert ends(campaign.run(HERO)) == {DONE: 1}
    assert service.count("submit") == 1


@pytest.mark.parametrize("known", [True, False])
def test_the_url_of_a_recovered_image_is_asked_for_before_it_is_sent(
    campaign: Campaign, service: Service, *, known: bool
) -> None:
    campaign.run(HERO)
    lose_state(campaign, HERO)
    edited = by_url(HERO, 2)
    service.on_status = (lambda task, _times: succeeded(task, urls(task))) if known else unknown
    campaign.run(HERO, edited)
    sent: Sequence[object] = [request.get("image_urls") for request in service.inputs[1:]]
    assert sent == ([[urls("task_1")[2]]] if known else [])
    assert campaign.states()[edited.key] is (DONE if known else FAILED)


def test_what_somebody_changed_meanwhile_is_theirs_and_the_job_is_done(campaign: Campaign, service: Service) -> None:
    campaign.run(HERO)
    path = campaign.outputs / "hero/a-0.png"
    path.write_bytes((campaign.outputs / "hero/a-1.png").read_bytes())
    work = hashlib.sha256(path.read_bytes()).hexdigest()
    lose_state(campaign, HERO)
    assert ends(campaign.run(HERO)) == {DONE: 1}
    image = campaign.record("hero/a").images[0]
    assert (image.hand_sha256, path.is_file(), service.count("submit")) == (work, True, 1)


def test_an_attempt_without_an_answer_waits_for_a_person(campaign: Campaign, service: Service) -> None:
    campaign.run(HERO)
    (job,) = campaign.records()
    open_intent = replace(
        recorded(job, job.attempts[0], None, ended=False), task=None, outcome=None, answered=None, images=()
    )
    campaign.ledger.close()
    campaign.ledger = Ledger.open(campaign.folder / "again.sqlite")
    campaign.ledger.recover([open_intent], now=campaign.clock(), host="api.test")
    assert ends(campaign.run(*chain())) == {JobState.IN_DOUBT: 1, JobState.WAITING: 1}
    assert service.count("submit") == 1
    assert campaign.record("hero/a").attempts[0].outcome is Answered.UNKNOWN
