"""The client's calls, at a double of the service."""

import asyncio
import json
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
import pytest

from mjpipe.apixo import Accepted, TaskNotFound, TaskStatus, submission_body
from mjpipe.apixo.http import Client, Timeouts
from mjpipe.apixo.http.wire import CONNECTED
from mjpipe.contract import Mode, TaskState
from mjpipe.domain import (
    GatewayFault,
    NotAccepted,
    NotAuthorised,
    OutOfBalance,
    Refused,
    ServiceError,
    TaskId,
    Unknown,
)
from tests.apixo.inputs import INPUTS

pytestmark = pytest.mark.anyio

KEY = "sk-secret-17"
BODY = submission_body({"mode": "text-to-image", "prompt": "a teapot", "speed": "fast"})
NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)

Handler = Callable[[httpx.Request], httpx.Response]


def client(handler: Handler, **options: Any) -> Client:
    return Client(api_key=KEY, transport=httpx.MockTransport(handler), now=lambda: NOW, **options)


def envelope(data: Any, *, status: int = 200, code: int = 200, message: str = "success", **headers: str) -> Handler:
    content = json.dumps({"code": code, "message": message, "data": data})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, content=content, headers=named)


def answer(status: int, content: bytes | str = b"", **headers: str) -> Handler:
    return lambda _: httpx.Response(status, content=content, headers=headers)


def failing(error: Exception, *, connected: bool | None = None) -> Handler:
    """`connected` is what our own transport says; others leave it out."""

    def handler(request: httpx.Request) -> httpx.Response:
        if connected is not None:
            request.extensions[CONNECTED] = connected
        raise error

    return handler


async def fault_of(call: Any) -> ServiceError:
    with pytest.raises(ServiceError) as caught:
        await call
    return caught.value


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("callback_url", [None, "https://example.com/hook/token"])
async def test_a_submission_is_sent_as_documented(mode: Mode, callback_url: str | None) -> None:
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return envelope({"taskId": "task_1"})(request)

    body = submission_body(INPUTS[mode], callback_url=callback_url)
    assert await client(handler).submit(body) == Accepted(task_id=TaskId("task_1"))
    (request,) = sent
    assert (request.method, str(request.url), request.content, dict(request.headers)) == (
        "POST",
        "https://api.apixo.ai/api/v1/generateTask/midjourney",
        body,
        {
            "host": "api.apixo.ai",
            "authorization": f"Bearer {KEY}",
            "content-type": "application/json",
            "content-length": str(len(body)),
            "accept": "application/json",
            "accept-encoding": "identity",
            "user-agent": "mjpipe",
        },
    )


async def test_a_question_is_sent_as_documented() -> None:
    sent: list[httpx.Request] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return envelope({"state": "pending"} if "status" in request.url.path else 1)(request)

    asking = client(handler, base_url="http://127.0.0.1:8000/api/v1/")
    await asking.status("task/1 ?&é")
    await asking.balance()
    assert [(request.method, str(request.url), request.headers["Authorization"]) for request in sent] == [
        ("GET", "http://127.0.0.1:8000/api/v1/statusTask/midjourney?taskId=task%2F1%20%3F%26%C3%A9", f"Bearer {KEY}"),
        ("GET", "http://127.0.0.1:8000/api/v1/apikeys/current-balance", f"Bearer {KEY}"),
    ]


async def test_the_bound_of_the_connection_reaches_the_transport() -> None:
    sent: list[dict[str, float]] = []

    def handler(request: httpx.Request) -> httpx.Response:
        sent.append(request.extensions["timeout"])
        return envelope({"taskId": "task_1", "state": "pending"})(request)

    hurried = client(handler, timeouts=Timeouts(connect=1, submit=2, ask=3))
    await hurried.submit(BODY)
    await hurried.status("task_1")
    assert sent == [{"connect": 1, "pool": 1}] * 2


async def test_the_sandbox_says_how_fast_it_runs_and_the_service_does_not() -> None:
    task = {"taskId": "task_1", "state": "pending"}
    for header, factor in {
        "20": 20.0,
        "0.5": 0.5,
        "1": 1.0,
        "fast": 1.0,
        "0": 1.0,
        "-2": 1.0,
        "nan": 1.0,
        "inf": 1.0,
    }.items():
        sped = client(envelope(task, Sandbox_Speed_Up=header))
        assert (await sped.submit(BODY)).speed_up == factor
        assert (await sped.status("task_1")).speed_up == factor
    assert (await client(envelope(task)).submit(BODY)).speed_up == 1.0


async def test_a_status_is_read_with_its_evidence() -> None:
    data = {"taskId": "task_1", "state": "success", "resultJson": '{"resultUrls":["https://x/1.png"]}'}
    assert await client(envelope(data)).status("task_1") == TaskStatus(
        state=TaskState.SUCCESS,
        image_urls=("https://x/1.png",),
        evidence=f"HTTP 200 {json.dumps({'code': 200, 'message': 'success', 'data': data})}",
    )


@pytest.mark.parametrize(
    "data", [None, [], "pending", {}, {"taskId": "task_1"}, {"taskId": "task_2", "state": "success"}]
)
async def test_a_status_without_a_state_or_of_another_task_is_no_status(data: Any) -> None:
    assert type(await fault_of(client(envelope(data)).status("task_1"))) is Unknown


@pytest.mark.parametrize(
    "handler", [envelope(None, status=404, code=404), envelope(None, code=404), answer(404, "<html>")]
)
async def test_a_task_that_the_service_does_not_know_is_recognised(handler: Handler) -> None:
    assert type(await fault_of(client(handler).status("task_1"))) is TaskNotFound
    assert type(await fault_of(client(handler).submit(BODY))) is Refused
    assert type(await fault_of(client(handler).balance())) is Refused


@pytest.mark.parametrize(
    ("number", "balance"),
    [
        ("74.8700", "74.87"),
        ("0", "0"),
        ("12", "12"),
        ("-0.25", "-0.25"),
        ("0.1234567", "0.123456"),
        ("1e2", "100"),
        ("0.30000000000000004", "0.3"),
    ],
)
async def test_a_balance_is_exact(number: str, balance: str) -> None:
    content = f'{{"code": 200, "message": "success", "data": {number}}}'
    assert await client(answer(200, content)).balance() == Decimal(balance)


@pytest.mark.parametrize("data", ["null", '"74.87"', "true", "{}", "[1]", "NaN", "Infinity", "1e999999"])
async def test_a_balance_that_is_no_number_is_no_balance(data: str) -> None:
    content = f'{{"code": 200, "message": "success", "data": {data}}}'
    assert type(await fault_of(client(answer(200, content)).balance())) is Unknown


@pytest.mark.parametrize(
    ("handler", "kind", "message", "help_text"),
    [
        (
            envelope({"error": "no input.prompt"}, status=400, code=400, message="Invalid request"),
            Refused,
            "the service answered 400 (invalid request body, mode, parameter, prompt, or image URL): no input.prompt",
            None,
        ),
        (
            envelope(None, status=401, code=401, message="Unauthorized"),
            NotAuthorised,
            "the service answered 401 (missing or invalid API key): Unauthorized",
            "check APIXO_API_KEY, that the key may use the model, and its list of allowed IP addresses",
        ),
        (
            envelope(None, code=402, message="No money"),
            OutOfBalance,
            "the service answered 402 (insufficient balance or quota): No money",
            "add balance to the account, then run the same command again",
        ),
        (
            envelope(None, status=403, code=403, message="Content violates policy"),
            Refused,
            "the service answered 403 (content or policy): Content violates policy",
            None,
        ),
        (
            envelope(None, status=400, code=400, message="Insufficient credits"),
            OutOfBalance,
            "the service answered 400 (insufficient balance or quota): Insufficient credits",
            "add balance to the account, then run the same command again",
        ),
        (
            envelope(None, status=429, code=429, message="Slow down"),
            NotAccepted,
            "the service answered 429 (rate or concurrency limit reached): Slow down",
            None,
        ),
        (answer(502, "<html>"), GatewayFault, "something other than the service answered: 502", None),
        (
            answer(302, Location="https://a.example"),
            Refused,
            "something other than the service answered: 302",
            None,
        ),
        (answer(200, "<html>"), Unknown, "the service answered 200, but not as documented", None),
        (envelope(None, code=777), Unknown, "the service answered 777, but not as documented", None),
        (
            failing(httpx.ConnectError("Cannot connect to host 127.0.0.1:9")),
            NotAccepted,
            "nothing could be sent to `https://api.apixo.ai/api/v1`: ConnectError: Cannot connect to host 127.0.0.1:9",
            None,
        ),
        (
            failing(httpx.ReadTimeout("")),
            Unknown,
            "no whole answer came from `https://api.apixo.ai/api/v1`: ReadTimeout",
            None,
        ),
    ],
)
async def test_an_error_says_what_happened_and_what_to_do(
    handler: Handler, kind: type[ServiceError], message: str, help_text: str | None
) -> None:
    for fault in (await fault_of(client(handler).submit(BODY)), await fault_of(client(handler).status("task_1"))):
        assert (type(fault), str(fault), fault.help) == (kind, message, help_text)


async def test_a_404_says_whether_there_is_no_task_or_nothing_at_all() -> None:
    elsewhere = "https://proxy.example/v2"
    nothing = client(answer(404, "<html>"), base_url=elsewhere)
    assert str(await fault_of(nothing.submit(BODY))) == (
        f"there is nothing at `{elsewhere}/generateTask/midjourney`: 404; check APIXO_BASE_URL"
    )
    assert str(await fault_of(nothing.balance())) == (
        f"there is nothing at `{elsewhere}/apikeys/current-balance`: 404; check APIXO_BASE_URL"
    )
    said = client(envelope({"error": "not here"}, status=404, code=404))
    assert str(await fault_of(said.submit(BODY))) == (
        "the service answered 404 (nothing at this address, or no such source task; check APIXO_BASE_URL): not here"
    )
    assert str(await fault_of(said.status("task_1"))) == "the service answered 404 (unknown task): not here"


async def test_an_error_keeps_what_was_seen() -> None:
    fault = await fault_of(client(answer(502, "<html>\n<b>Bad\x1b gateway")).submit(BODY))
    assert (fault.status, fault.code, fault.evidence) == (502, "502", "HTTP 502 <html> <b>Bad gateway")
    fault = await fault_of(client(envelope(None, code=503, message="Away")).submit(BODY))
    assert (fault.status, fault.code) == (200, "503")
    assert fault.evidence == 'HTTP 200 {"code": 503, "message": "Away", "data": null}'
    fault = await fault_of(client(failing(httpx.ReadError("reset"))).submit(BODY))
    assert (fault.status, fault.code, fault.evidence) == (None, "ReadError", "ReadError: reset")


@pytest.mark.parametrize(
    ("header", "seconds"), [("30", 30.0), ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0), ("later", None)]
)
async def test_an_error_keeps_how_long_the_service_asked_to_wait(header: str, seconds: float | None) -> None:
    slow = client(envelope(None, status=429, code=429, message="Slow down", Retry_After=header))
    assert (await fault_of(slow.submit(BODY))).retry_after == seconds


@pytest.mark.parametrize("error", [RuntimeError("bug"), httpx.ReadError("cut"), TimeoutError()])
async def test_what_breaks_before_there_was_a_connection_has_cost_nothing_whatever_it_is(error: Exception) -> None:
    assert type(await fault_of(client(failing(error, connected=False)).submit(BODY))) is NotAccepted
    assert type(await fault_of(client(failing(error, connected=True)).submit(BODY))) is Unknown


@pytest.mark.parametrize("error", [RuntimeError("bug"), OSError("disk"), ValueError("odd"), TimeoutError()])
async def test_whatever_breaks_while_the_request_is_out_leaves_it_unknown(error: Exception) -> None:
    assert type(await fault_of(client(failing(error)).submit(BODY))) is Unknown


async def test_an_answer_without_end_is_not_read_to_its_end() -> None:
    class Endless(httpx.AsyncByteStream):
        given = 0

        async def __aiter__(self) -> Any:
            while True:
                self.given += 1
                yield b"x" * 65536

    stream = Endless()
    assert type(await fault_of(client(lambda _: httpx.Response(200, stream=stream)).submit(BODY))) is Unknown
    assert stream.given < 100


async def test_a_call_that_takes_too_long_as_a_whole_is_given_up() -> None:
    class Dripping(httpx.AsyncByteStream):
        async def __aiter__(self) -> Any:
            while True:
                await asyncio.sleep(0.005)
                yield b" "

    hurried = client(lambda _: httpx.Response(200, stream=Dripping()), timeouts=Timeouts(submit=0.05, ask=0.05))
    assert type(await fault_of(hurried.submit(BODY))) is Unknown
    assert type(await fault_of(hurried.status("task_1"))) is Unknown


@pytest.mark.parametrize(
    "handler",
    [
        envelope({"error": f"bad key: {KEY}"}, status=401, code=401, message=f"bad key {KEY}"),
        answer(502, f"<html>you sent Authorization: Bearer {KEY}"),
        answer(502, "x" * 570 + KEY),
        answer(200, f"<html>{KEY}"),
        failing(httpx.ReadError(f"broken: {KEY}")),
    ],
)
async def test_an_answer_that_quotes_the_key_does_not_betray_it(
    handler: Handler, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    asking = client(handler)
    for call in (asking.submit(BODY), asking.status("task_1"), asking.balance()):
        fault = await fault_of(call)
        said = [repr(asking), repr(fault), str(fault), fault.evidence, *map(repr, vars(fault).values()), caplog.text]
        assert not [text for text in said if KEY[:8] in text]


async def test_a_status_that_quotes_the_key_does_not_betray_it() -> None:
    status = await client(envelope({"state": "failed", "failCode": "x", "failMsg": f"{KEY} is no good"})).status(
        "task_1"
    )
    assert status.fail_message == "[key] is no good"


@pytest.mark.parametrize("key", ["k", "TimeOut", "200", "1", "task_1", "success", "https"])
async def test_what_an_answer_means_does_not_hang_on_what_the_key_looks_like(key: str) -> None:
    def asking(data: Any, **options: Any) -> Client:
        return Client(api_key=key, transport=httpx.MockTransport(envelope(data, **options)), now=lambda: NOW)

    failed = await asking({"state": "failed", "failCode": "Task TimeOut", "failMsg": "k TimeOut"}).status("task_1")
    assert (failed.state, failed.fail_code) == (TaskState.FAILED, "Task TimeOut")
    success = {"taskId": "task_1", "state": "success", "resultJson": '{"resultUrls":["https://x/1.png"]}'}
    assert (await asking(success).status("task_1")).image_urls == ("https://x/1.png",)
    assert (await asking({"taskId": "task_1"}).submit(BODY)).task_id == "task_1"
    slow = await fault_of(asking(None, code=429, Retry_After="17").submit(BODY))
    assert (type(slow), slow.code, slow.retry_after) == (NotAccepted, "429", 17.0)


async def test_a_code_that_could_steer_a_terminal_does_not() -> None:
    status = await client(envelope({"state": "failed", "failCode": "\x1b[31mx"})).status("task_1")
    assert status.fail_code == "[31mx"
    assert KEY not in repr(status)


async def test_no_traceback_holds_the_key() -> None:
    fault = await fault_of(client(answer(401, f"{KEY}?")).submit(BODY))
    assert KEY not in "".join(traceback.format_exception(fault))
