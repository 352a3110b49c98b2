"""Every example of the seed page is taken by the sandbox and understood by the client."""

import json
import shlex
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest

from mjpipe.apixo import Accepted, Action, TaskStatus, submission_body
from mjpipe.apixo.http import Client
from mjpipe.contract import Mode, TaskState
from mjpipe.domain import Json, JsonObject, Refused, TaskId
from mjpipe.sandbox import Settings, start_sandbox
from tests.sandbox.door import Door
from tests.service.description import DESCRIPTION, answers, media, requests, validator
from tests.service.posting import PREVIOUS, posted

Result = TypeVar("Result")

REQUESTS: dict[str, Any] = requests()
TASK = TaskId("task_12345678")


def by_client(door: Door, work: Callable[[Client], Coroutine[Any, Any, Result]]) -> Result:
    """What the client makes of the sandbox."""

    async def at_work() -> Result:
        async with Client(base_url="http://127.0.0.1/api/v1", api_key="any", transport=door.transport) as client:
            return await work(client)

    return door.run(at_work())


def test_there_is_an_example_of_each_mode() -> None:
    assert {Mode(body["input"]["mode"]) for body in REQUESTS.values()} == set(Mode)
    assert {name for name in REQUESTS if name in set(Mode)} == set(Mode)


@pytest.mark.parametrize("body", REQUESTS.values(), ids=REQUESTS.keys())
def test_a_request_of_the_page_is_sent_by_the_client_taken_by_the_sandbox_and_made(
    body: dict[str, Any], door: Door
) -> None:
    sent = submission_body(body["input"], callback_url=body.get("callback_url"))
    assert json.loads(sent) == body
    accepted = by_client(door, lambda client: client.submit(sent))
    assert accepted == Accepted(task_id=TaskId("task_1"))
    assert door.bill()["tasks"][-1]["request"] == body["input"]
    assert by_client(door, lambda client: client.status("task_1")).state is TaskState.PENDING
    door.clock.now += 100
    status = by_client(door, lambda client: client.status("task_1"))
    mode = Mode(body["input"]["mode"])
    assert (status.state, len(status.image_urls or ())) == (TaskState.SUCCESS, mode.facts.images)


@pytest.mark.parametrize("name", REQUESTS)
def test_whatever_the_sandbox_answers_to_it_is_as_described(name: str, door: Door) -> None:
    path = "/api/v1/statusTask/midjourney?taskId=task_1"
    validator("Accepted").validate(posted(door, REQUESTS[name]).json())
    for seconds in (0, 10, 90):
        door.clock.now += seconds
        answer = door.get(path).json()
        validator("TaskAnswer").validate(answer)
        assert validator("FinalAnswer").is_valid(answer) is (seconds == 90)
    validator("Result").validate(json.loads(answer["data"]["resultJson"]))


def test_what_the_page_shows_of_a_success_is_what_the_sandbox_says_of_a_draft(door: Door) -> None:
    shown: Any = answers("status")["success"]
    said = door.status(PREVIOUS)
    assert list(said) == list(shown["data"])
    assert said["supported_actions"] == shown["data"]["supported_actions"]


def answering(document: Json, status: int = 200) -> httpx.MockTransport:
    return httpx.MockTransport(lambda _: httpx.Response(status, json=document))


@pytest.mark.anyio
async def test_the_client_reads_the_acceptance_of_the_page() -> None:
    async with Client(api_key="k", transport=answering(answers("submit")["accepted"])) as client:
        assert await client.submit(b"{}") == Accepted(task_id=TASK)


CREATED = datetime(2026, 1, 9, 13, 33, 30, 929_000, tzinfo=UTC)
ALL = (0, 1, 2, 3)
READ = {
    "processing": TaskStatus(state=TaskState.PROCESSING, created=CREATED),
    "success": TaskStatus(
        state=TaskState.SUCCESS,
        image_urls=tuple(f"https://file.apixo.ai/img{number}.png" for number in (1, 2, 3, 4)),
        supported_actions=(
            Action(mode=Mode.REROLL),
            Action(mode=Mode.VARY, image_indexes=ALL, types=(0, 1)),
            Action(mode=Mode.UPSCALE, image_indexes=ALL, types=ALL),
            Action(mode=Mode.IMAGE_EDIT, image_indexes=ALL),
            Action(mode=Mode.ENHANCE, image_indexes=ALL),
        ),
        created=CREATED,
        completed=datetime(2026, 1, 9, 13, 34, 12, 317_000, tzinfo=UTC),
    ),
    "failed": TaskStatus(
        state=TaskState.FAILED,
        fail_code="PromptInvalid",
        fail_message="Prompt is invalid or rejected by provider",
        created=CREATED,
        completed=datetime(2026, 1, 9, 13, 33, 40, 132_000, tzinfo=UTC),
    ),
}


@pytest.mark.anyio
@pytest.mark.parametrize("name", READ)
async def test_the_client_reads_the_status_of_the_page(name: str) -> None:
    assert set(READ) == set(answers("status"))
    async with Client(api_key="k", transport=answering(answers("status")[name])) as client:
        status = await client.status(TASK)
    assert {field: getattr(status, field) for field in TaskStatus.__slots__ if field != "evidence"} == {
        field: getattr(READ[name], field) for field in TaskStatus.__slots__ if field != "evidence"
    }


@pytest.mark.anyio
async def test_the_client_reads_the_balance_and_the_refusal_of_the_notes() -> None:
    async with Client(api_key="k", transport=answering(answers("balance")["balance"])) as client:
        assert await client.balance() == Decimal("74.87")
    refusal = media(DESCRIPTION["components"]["responses"]["InvalidRequest"])["examples"]["refusal"]["value"]
    async with Client(api_key="k", transport=answering(refusal, 400)) as client:
        with pytest.raises(Refused, match="Missing required field"):
            await client.submit(b"{}")


BASE = "https://api.apixo.ai/api/v1"
CURLS = {
    "quickstart": f"""
        curl -X POST "{BASE}/generateTask/midjourney"
          -H "Authorization: Bearer YOUR_API_KEY"
          -H "Content-Type: application/json"
          -d""",
    "poll": f"""
        curl -X GET "{BASE}/statusTask/midjourney?taskId={TASK}"
          -H "Authorization: Bearer YOUR_API_KEY" """,
    "callback": f"""
        curl -X POST "{BASE}/generateTask/midjourney"
          -H "Authorization: Bearer YOUR_API_KEY"
          -H "Content-Type: application/json"
          -d""",
}


def carried_out(curl: str, body: JsonObject | None, base_url: str) -> httpx.Response:
    """What curl would get, of a server at another base URL."""
    _, _, method, url, *more = shlex.split(curl)
    headers = dict(more[at + 1].split(": ") for at, word in enumerate(more) if word == "-H")
    content = None if body is None else json.dumps(body, indent=2)
    return httpx.request(method, url.replace(BASE, base_url), headers=headers, content=content)


def test_the_curls_of_the_page_work_at_the_sandbox(tmp_path: Path) -> None:
    with start_sandbox(Settings(state=tmp_path / "sandbox", key="YOUR_API_KEY")) as sandbox:
        for name in ("quickstart", "callback"):
            answer = carried_out(CURLS[name], REQUESTS[name], sandbox.base_url)
            validator("Accepted").validate(answer.json())
            poll = CURLS["poll"].replace(TASK, answer.json()["data"]["taskId"])
            validator("TaskAnswer").validate(carried_out(poll, None, sandbox.base_url).json())
        assert carried_out(CURLS["poll"], None, sandbox.base_url).status_code == 404
