"""The client at the sandbox, which shares no code with it."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from mjpipe.apixo import TaskNotFound, TaskStatus, submission_body
from mjpipe.apixo.http import Client, ImageHosts, Timeouts
from mjpipe.contract import Mode, TaskState
from mjpipe.domain import (
    GatewayFault,
    JsonObject,
    NotAccepted,
    NotAuthorised,
    OutOfBalance,
    Refused,
    ServiceError,
    Unknown,
    usd,
)
from mjpipe.sandbox import RunningSandbox, Settings, start_sandbox

pytestmark = pytest.mark.anyio

KEY = "sk-sandbox-17"
INPUT: JsonObject = {"mode": "text-to-image", "prompt": "a teapot", "speed": "fast"}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[RunningSandbox]:
    settings = Settings(state=tmp_path / "sandbox", speed_up=2000, key=KEY, balance=usd("10"))
    with start_sandbox(settings) as running:
        yield running


@pytest.fixture
async def client(sandbox: RunningSandbox) -> AsyncIterator[Client]:
    async with Client(base_url=sandbox.base_url, api_key=KEY) as client:
        yield client


async def finished(client: Client, request: JsonObject) -> tuple[str, TaskStatus]:
    accepted = await client.submit(submission_body(request))
    assert accepted.speed_up == 2000
    while True:
        status = await client.status(accepted.task_id)
        if status.state in (TaskState.SUCCESS, TaskState.FAILED):
            return accepted.task_id, status
        await asyncio.sleep(0.005)


async def test_every_mode_is_taken_and_its_images_come_whole(client: Client, tmp_path: Path) -> None:
    draft = {**INPUT, "speed": "draft", "version": "7"}
    task, generated = await finished(client, draft)
    assert generated.image_urls
    url = generated.image_urls[0]
    follow_ups: dict[Mode, JsonObject] = {
        Mode.IMAGE_TO_IMAGE: {"mode": "image-to-image", "prompt": "a dog", "speed": "fast", "image_urls": [url]},
        Mode.IMAGE_EDIT: {"mode": "image-edit", "prompt": "a cup", "speed": "fast", "image_urls": [url]},
        Mode.VARY: {"mode": "vary", "taskId": task, "imageIndex": 0, "type": 1, "remixPrompt": "warmer"},
        Mode.UPSCALE: {"mode": "upscale", "taskId": task, "imageIndex": 2, "type": 0},
        Mode.REROLL: {"mode": "reroll", "taskId": task},
        Mode.ENHANCE: {"mode": "enhance", "taskId": task, "imageIndex": 1},
    }
    assert {action.mode for action in generated.supported_actions or ()} == set(Mode) - {
        Mode.TEXT_TO_IMAGE,
        Mode.IMAGE_TO_IMAGE,
    }
    counts = {Mode.TEXT_TO_IMAGE: len(generated.image_urls)}
    async with ImageHosts() as images:
        for mode, request in follow_ups.items():
            _, status = await finished(client, request)
            assert status.completed
            assert status.created
            assert status.completed > status.created
            for number, image_url in enumerate(status.image_urls or ()):
                fetched = await images.fetch(image_url, to=tmp_path / f"{mode}-{number}.part")
                assert fetched.content is not None
                assert (fetched.size, fetched.content_type) == (len(fetched.content), "image/png")
                with Image.open(BytesIO(fetched.content)) as image:
                    image.verify()
            counts[mode] = len(status.image_urls or ())
    assert counts == {mode: 1 if mode in (Mode.UPSCALE, Mode.ENHANCE) else 4 for mode in Mode}


async def test_the_balance_falls_by_what_a_task_costs(client: Client) -> None:
    assert await client.balance() == usd("10")
    await finished(client, INPUT)
    assert await client.balance() == usd("9.8")


async def test_a_refusal_says_what_to_change(client: Client) -> None:
    with pytest.raises(Refused, match=r"the service answered 400 .*: .*prompt") as fault:
        await client.submit(submission_body({"mode": "text-to-image", "speed": "fast"}))
    assert (type(fault.value), fault.value.status) == (Refused, 400)


async def test_a_wrong_key_and_an_unknown_task_are_different_faults(sandbox: RunningSandbox, client: Client) -> None:
    with pytest.raises(TaskNotFound):
        await client.status("task_of_nobody")
    async with Client(base_url=sandbox.base_url, api_key="sk-other") as stranger:
        with pytest.raises(NotAuthorised):
            await stranger.submit(submission_body(INPUT))


FAULTS: dict[str, tuple[dict[str, object], type[ServiceError]]] = {
    "an error": ({"do": "answer", "status": 500}, NotAccepted),
    "an error in a 200": ({"do": "envelope", "code": 429}, NotAccepted),
    "a word about content": ({"do": "answer", "status": 403, "message": "Content violates policy"}, Refused),
    "a key that may not": ({"do": "answer", "status": 403}, NotAuthorised),
    "a word about credits": ({"do": "answer", "status": 400, "message": "Insufficient credits"}, OutOfBalance),
    "a timeout upstream": ({"do": "answer", "status": 504}, GatewayFault),
    "a page": ({"do": "html", "status": 502}, GatewayFault),
    "half an answer": ({"do": "broken_json"}, Unknown),
    "no answer": ({"do": "cut"}, Unknown),
    "silence": ({"do": "hang"}, Unknown),
}


@pytest.mark.parametrize(("rule", "kind"), FAULTS.values(), ids=FAULTS.keys())
async def test_a_fault_of_the_sandbox_means_what_it_would_mean_of_the_service(
    rule: dict[str, object], kind: type[ServiceError], tmp_path: Path
) -> None:
    faults = tmp_path / "faults.json"
    faults.write_text(json.dumps({"faults": 1, "rules": [{"at": "submit", **rule}]}))
    with start_sandbox(Settings(state=tmp_path / "sandbox", faults=faults)) as running:
        async with Client(base_url=running.base_url, api_key=KEY, timeouts=Timeouts(submit=0.3)) as client:
            with pytest.raises(ServiceError) as fault:
                await client.submit(submission_body(INPUT))
    assert type(fault.value) is kind
