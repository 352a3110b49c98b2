"""A run in which nothing goes wrong."""

import json
from dataclasses import replace
from decimal import Decimal

import httpx

from mjpipe.domain import SOURCE_URL, ZERO, JobState, Kind, Money, usd
from mjpipe.ledger import Balance
from mjpipe.run import Ending
from mjpipe.run.releasing import offers_unknown_note
from mjpipe.sandbox import Settings as SandboxSettings
from mjpipe.sandbox import start_sandbox
from tests.ledger.jobs import follow_up, generation
from tests.run.campaign import Campaign
from tests.run.service import KEY, Service


def canonical(request: object) -> str:
    return json.dumps(request, sort_keys=True)


def test_everything_is_made_paid_once_and_on_disk(campaign: Campaign) -> None:
    source = generation("a")
    ending = campaign.run(source, follow_up(source, 1), generation("b"))
    assert ending == Ending(
        stop=None,
        counts={("hero", JobState.DONE): 2, ("upscale", JobState.DONE): 1},
        ready=0,
        to_pick=None,
        balance=Balance(spent=usd("0.60"), reserved=ZERO, at_risk=ZERO, unpriced=0),
        trouble=None,
        closed_until=None,
        late=frozenset(),
        incomplete={},
        in_the_way=(),
        stopped_nodes={},
    )
    assert campaign.files() == {
        *(f"hero/{name}-{number}.png" for name in "ab" for number in range(4)),
        "upscale-a-1-0.png",
    }
    assert campaign.files_are_as_recorded()
    assert campaign.notes.lines == [offers_unknown_note("upscale")]


def test_what_is_sent_is_what_was_adopted_with_the_sources_task(campaign: Campaign, service: Service) -> None:
    source = generation("a")
    upscale = follow_up(source, 1)
    campaign.run(source, upscale, generation("b"))
    (task_of_a,) = [task for task, request in service.tasks.items() if request.get("prompt") == "a"]
    assert sorted(service.inputs, key=canonical) == sorted(
        [dict(source.request), dict(generation("b").request), {**upscale.request, "taskId": task_of_a}], key=canonical
    )
    bodies = [call.request.content for call in service.calls if call.kind == "submit"]
    assert sorted(bodies) == sorted(attempt.body for record in campaign.records() for attempt in record.attempts)


def test_running_again_sends_nothing_asks_nothing_and_fetches_nothing(campaign: Campaign, service: Service) -> None:
    jobs = [generation("a"), generation("b")]
    campaign.run(*jobs)
    before = len(service.calls)
    ending = campaign.run(*jobs)
    assert (len(service.calls), ending.of(JobState.DONE)) == (before, 2)


def test_the_key_goes_to_the_api_alone_and_stays_out_of_the_state(campaign: Campaign, service: Service) -> None:
    service.on_submit = lambda _request, number: (
        service.accept(_request) if number > 1 else httpx.Response(400, text=f"Bearer {KEY} is wrong")
    )
    campaign.run(generation("a"), generation("b"))
    keys = {(call.kind, call.request.headers.get("Authorization")) for call in service.calls}
    assert keys == {("submit", f"Bearer {KEY}"), ("status", f"Bearer {KEY}"), ("image", None)}
    written = [path for path in campaign.folder.rglob("*") if path.is_file()]
    assert not [path for path in written if KEY.encode() in path.read_bytes()]
    assert not [line for line in campaign.notes.lines if KEY in line]


def test_follow_ups_go_before_generations_that_still_wait(campaign: Campaign, service: Service) -> None:
    campaign.limits = replace(campaign.limits, concurrency=1)
    sources = [generation(name) for name in "abc"]
    campaign.run(*(job for source in sources for job in (source, follow_up(source, 0))))
    assert service.prompts == ["a", "upscale", "b", "upscale", "c", "upscale"]


def test_what_the_sandbox_bills_is_what_the_ledger_says(campaign: Campaign) -> None:
    sources = [generation(name) for name in "abc"]
    edit = {"mode": "image-edit", "prompt": "warmer", "image_urls": [SOURCE_URL], "speed": "fast"}
    jobs = [
        job
        for source in sources
        for upscale in [follow_up(source, 3, price=usd("0.30"))]
        for job in (
            source,
            upscale,
            follow_up(source, 1, mode="vary")._replace(node="edit", request=edit, kind=Kind.EDIT, price=usd("0.30")),
        )
    ]
    with start_sandbox(SandboxSettings(state=campaign.folder / "sandbox", speed_up=1000, pixels=64)) as sandbox:
        ending = campaign.run_against(sandbox.base_url, *jobs)
        bill = httpx.get(f"{sandbox.origin}/sandbox/bill").json()
    assert ending.of(JobState.DONE) == 9
    assert (Decimal(bill["total_usd"]), ending.balance.committed) == (ending.balance.spent, usd("2.40"))
    attempts = [attempt for record in campaign.records() for attempt in record.attempts]
    assert {attempt.task: json.loads(attempt.body)["input"] for attempt in attempts} == {
        task["taskId"]: task["request"] for task in bill["tasks"]
    }
    assert {attempt.money for attempt in attempts} == {Money.SPENT}
    assert campaign.files_are_as_recorded()
    assert len(campaign.files()) == 3 * 9
