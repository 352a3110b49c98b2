"""Submissions over real sockets: what reached the other side, and what the client makes of it.

Most run over httpx's own transport too: whichever carries a submission, the money is decided alike.
"""

import asyncio
import gzip
import logging
import resource
import traceback
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import aiohttp
import httpx
import pytest
from aiohttp.connector import Connection

from mjpipe.apixo import Accepted, submission_body
from mjpipe.apixo.http import Client, Timeouts
from mjpipe.apixo.http.answer import CONTENT_LIMIT
from mjpipe.apixo.http.wire import CONNECTED, Wire, transport_error
from mjpipe.domain import GatewayFault, NotAccepted, NotAuthorised, Refused, ServiceError, TaskId, Unknown, UsageFault
from tests.apixo.environment import environment
from tests.apixo.loopback import (
    ACCEPTED,
    COMPRESSED_ZEROS,
    CUT,
    RESET,
    SILENCE,
    ZEROS,
    Loopback,
    answering,
    enveloped,
    http,
    unused_port,
)
from tests.apixo.memory import held

pytestmark = pytest.mark.anyio

KEY = "sk-secret-17"
BODY = submission_body({"mode": "text-to-image", "prompt": "a teapot", "speed": "fast"})
POST = "POST /api/v1/generateTask/midjourney HTTP/1.1"
PENDING = http(200, enveloped({"taskId": "task_1", "state": "pending"}))
SHORT = Timeouts(connect=0.2, submit=0.2, ask=0.2)


@pytest.fixture(params=["ours", "httpx's"])
async def transport(request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncBaseTransport | None]:
    if request.param == "ours":
        yield None
    else:
        async with httpx.AsyncHTTPTransport() as transport:
            yield transport


async def submit(
    url: str, transport: httpx.AsyncBaseTransport | None = None, timeouts: Timeouts | None = None
) -> Accepted | ServiceError:
    async with Client(base_url=url, api_key=KEY, transport=transport, timeouts=timeouts or Timeouts()) as client:
        try:
            return await client.submit(BODY)
        except ServiceError as fault:
            return fault


async def test_the_recorded_bytes_are_the_ones_that_arrive(transport: httpx.AsyncBaseTransport | None) -> None:
    async with answering(ACCEPTED) as server:
        assert await submit(server.url, transport) == Accepted(task_id=TaskId("task_1"))
    (request,) = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    first, *headers = head.decode().lower().split("\r\n")
    assert (first, body) == (POST.lower(), BODY)
    assert sorted(set(headers) - {"connection: close"}) == [
        "accept-encoding: identity",
        "accept: application/json",
        "authorization: bearer sk-secret-17",
        f"content-length: {len(BODY)}",
        "content-type: application/json",
        f"host: 127.0.0.1:{server.port}",
        "user-agent: mjpipe",
    ]


async def test_an_answer_that_was_compressed_unasked_is_decompressed(
    transport: httpx.AsyncBaseTransport | None,
) -> None:
    compressed = gzip.compress(enveloped({"taskId": "task_1"}))
    async with answering(http(200, compressed, Content_Encoding="gzip")) as server:
        assert await submit(server.url, transport) == Accepted(task_id=TaskId("task_1"))


COMPRESSED = {
    "once": http(200, COMPRESSED_ZEROS, Content_Encoding="gzip"),
    "twice": http(200, gzip.compress(COMPRESSED_ZEROS), Content_Encoding="gzip, gzip"),
    "as text": http(200, b'{"code": 200, "message": "' + b"x" * 5_000_000 + b'", "data": {"taskId": "task_1"}}'),
}


@pytest.mark.parametrize("compressed", COMPRESSED.values(), ids=COMPRESSED.keys())
async def test_an_answer_that_would_fill_the_memory_is_not_decompressed_to_its_end(compressed: bytes) -> None:
    async with answering(compressed) as server:
        with held() as memory:
            fault = await submit(server.url)
    assert (type(fault), server.lines) == (Unknown, [POST])
    assert memory.most < 8 * CONTENT_LIMIT < ZEROS


@pytest.mark.parametrize(("status", "fault"), [(400, Refused), (401, NotAuthorised), (502, GatewayFault)])
async def test_an_answer_that_cannot_be_decompressed_means_what_its_status_says(
    status: int, fault: type[ServiceError]
) -> None:
    for content in (COMPRESSED_ZEROS, COMPRESSED_ZEROS[:-9], b"not compressed"):
        async with answering(http(status, content, Content_Encoding="gzip")) as server:
            assert type(await submit(server.url)) is fault


async def test_a_coding_that_nobody_knows_hides_no_task() -> None:
    for coding in ("utf-8", "identity", "x-gzip", "Identity, GZIP"):
        content = enveloped({"taskId": "task_1"})
        compressed = gzip.compress(content) if "gzip" in coding.lower() else content
        async with answering(http(200, compressed, Content_Encoding=coding)) as server:
            assert await submit(server.url) == Accepted(task_id=TaskId("task_1"))


LOST = {
    "cut": CUT,
    "reset": RESET,
    "cut in the head": b"HTTP/1.1 200 OK\r\nContent-",
    "cut in the body": http(200, enveloped({"taskId": "task_1"}))[:-5],
    "cut in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n{",
    "not HTTP": b"SSH-2.0-OpenSSH_9.9\r\n",
    "compressed and cut": http(200, gzip.compress(enveloped({"taskId": "task_1"}))[:-1], Content_Encoding="gzip"),
    "falsely compressed": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "empty": http(200),
    "a page": http(200, b"<html>welcome</html>"),
    "no task": http(200, enveloped({})),
}


@pytest.mark.parametrize("lost", LOST.values(), ids=LOST.keys())
async def test_a_lost_answer_is_unknown_and_is_never_sent_again(
    lost: bytes, transport: httpx.AsyncBaseTransport | None
) -> None:
    async with answering(lost, ACCEPTED, then_close=True) as server:
        fault = await submit(server.url, transport)
    assert (type(fault), server.lines) == (Unknown, [POST])


async def test_an_answer_that_does_not_come_in_time_is_unknown(transport: httpx.AsyncBaseTransport | None) -> None:
    async with answering(SILENCE) as server:
        fault = await submit(server.url, transport, SHORT)
    assert (type(fault), server.lines) == (Unknown, [POST])


async def test_a_port_where_nobody_listens_took_nothing(transport: httpx.AsyncBaseTransport | None) -> None:
    fault = await submit(f"http://127.0.0.1:{unused_port()}", transport)
    assert isinstance(fault, NotAccepted)
    assert fault.code == "ConnectError"


async def test_a_name_that_does_not_resolve_took_nothing(transport: httpx.AsyncBaseTransport | None) -> None:
    assert type(await submit("https://service.invalid", transport)) is NotAccepted


@pytest.mark.parametrize("hello", [b"HTTP/1.1 400 no TLS here\r\n\r\n", b"", SILENCE])
async def test_a_handshake_that_fails_took_nothing(hello: bytes, transport: httpx.AsyncBaseTransport | None) -> None:
    """`hello` is what the server says in place of its part of the handshake, before it closes."""
    heard = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read(65536))
        if hello == SILENCE:
            await reader.read()
        writer.write(hello)
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        fault = await submit(f"https://127.0.0.1:{port}", transport, Timeouts(connect=0.2))
        await asyncio.sleep(0.01)
    assert type(fault) is NotAccepted
    assert " object at 0x" not in str(fault)
    assert KEY.encode() not in b"".join(heard)


async def test_a_redirect_is_not_followed_and_neither_is_the_key(transport: httpx.AsyncBaseTransport | None) -> None:
    async with answering(ACCEPTED) as elsewhere:
        for status in (301, 302, 303, 307, 308):
            async with answering(http(status, Location=f"{elsewhere.url}/steal")) as server:
                fault = await submit(server.url, transport)
                assert (type(fault), server.lines) == (Refused, [POST])
                async with Client(base_url=server.url, api_key=KEY, transport=transport) as client:
                    with pytest.raises(Refused):
                        await client.status("task_1")
    assert elsewhere.requests == []


async def test_a_gateways_page_is_a_gateways_fault(transport: httpx.AsyncBaseTransport | None) -> None:
    async with answering(http(502, b"<html>bad gateway</html>", Retry_After="7")) as server:
        fault = await submit(server.url, transport)
    assert isinstance(fault, GatewayFault)
    assert (fault.retry_after, fault.evidence, server.lines) == (7.0, "HTTP 502 <html>bad gateway</html>", [POST])


async def test_cookies_are_not_kept() -> None:
    baking = http(200, enveloped({"taskId": "task_1", "state": "pending"}), Set_Cookie="a=b")
    async with answering(baking) as server, Wire() as wire:
        # By name, because cookie jars pass over bare addresses.
        client = Client(base_url=f"http://localhost:{server.port}", api_key=KEY, transport=wire)
        await client.status("task_1")
        await client.status("task_1")
    assert len(server.requests) == 2
    assert [request for request in server.requests if b"cookie" in request.lower()] == []


async def test_a_stale_connection_never_makes_a_submission_doubtful() -> None:
    for habit in ("then_close", "then_cut"):
        async with answering(ACCEPTED, **{habit: True}) as server, Client(base_url=server.url, api_key=KEY) as client:
            for _ in range(20):
                await client.submit(BODY)
        assert (server.lines, server.connections) == ([POST] * 20, 20)


async def test_each_submission_has_a_connection_of_its_own_and_questions_share_theirs() -> None:
    async with answering(PENDING) as server, Client(base_url=server.url, api_key=KEY) as client:
        for _ in range(3):
            await client.submit(BODY)
        assert server.connections == 3
        for _ in range(3):
            await client.status("task_1")
        assert server.connections == 4


async def test_a_question_is_asked_again_when_its_kept_connection_went_stale() -> None:
    async with answering(PENDING, then_cut=True) as server, Client(base_url=server.url, api_key=KEY) as client:
        await client.status("task_1")
        await client.status("task_1")
    assert (len(server.requests), server.connections) == (3, 2)


async def test_a_post_is_not_repeated_even_on_a_kept_connection() -> None:
    """The transport by itself, as submissions do not use it: not even then does it send a POST twice."""
    async with answering(ACCEPTED, then_cut=True) as server, Wire() as wire:
        client = Client(base_url=server.url, api_key=KEY, transport=wire)
        await client.submit(BODY)
        with pytest.raises(Unknown):
            await client.submit(BODY)
    assert (server.lines, server.connections) == ([POST, POST], 1)


async def through(
    proxy: Loopback, monkeypatch: pytest.MonkeyPatch, timeouts: Timeouts | None = None
) -> Accepted | ServiceError:
    with environment(monkeypatch, https_proxy=proxy.url):
        return await submit("https://service.invalid/api/v1", timeouts=timeouts)


@pytest.mark.parametrize("refusal", [http(403), http(407), http(502, b"<html>no</html>")])
async def test_a_proxy_that_lets_nothing_through_took_nothing_and_sees_no_key(
    refusal: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with answering(refusal) as proxy:
        fault = await through(proxy, monkeypatch)
    assert isinstance(fault, NotAccepted)
    assert (fault.code, proxy.lines) == ("ConnectError", ["CONNECT service.invalid:443 HTTP/1.1"])
    assert b"sk-secret" not in b"".join(proxy.requests)


async def test_a_proxy_that_cannot_be_reached_took_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = Loopback(port=unused_port())
    fault = await through(proxy, monkeypatch)
    assert isinstance(fault, NotAccepted)
    assert fault.code == "ConnectError"
    assert f"cannot connect to 127.0.0.1:{proxy.port}: Connect call failed" in str(fault)
    assert " object at 0x" not in str(fault)


async def test_loopback_needs_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    async with answering(ACCEPTED) as server:
        with environment(monkeypatch, http_proxy=f"http://127.0.0.1:{unused_port()}"):
            assert isinstance(await submit(server.url), Accepted)


@pytest.mark.parametrize(
    "answer",
    [CUT, RESET, b"SSH-2.0\r\n\r\n", http(200), SILENCE],
    ids=["cut", "reset", "not HTTP", "no TLS", "silence"],
)
async def test_whatever_goes_wrong_on_the_way_through_a_proxy_took_nothing(
    answer: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with answering(answer, then_close=True) as proxy:
        fault = await through(proxy, monkeypatch, Timeouts(connect=0.2))
    assert type(fault) is NotAccepted
    assert b"sk-secret" not in b"".join(proxy.requests)


async def test_without_room_for_another_socket_nothing_is_sent() -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with answering(ACCEPTED) as server:
        resource.setrlimit(resource.RLIMIT_NOFILE, (3, hard))  # fewer than are open: not one more
        try:
            fault = await submit(server.url)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    assert (type(fault), server.connections) == (NotAccepted, 0)
    assert "Too many open files" in str(fault)


async def test_certificates_that_are_gone_when_they_are_needed_took_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with environment(monkeypatch, SSL_CERT_FILE=str(tmp_path / "gone.pem")):
        async with Wire(fresh=True) as wire:
            fault = await submit(f"https://127.0.0.1:{unused_port()}", wire)
    assert type(fault) is NotAccepted
    assert "gone.pem` (SSL_CERT_FILE) cannot be read: no such file or directory" in str(fault)


async def test_an_error_of_no_kind_that_anybody_thought_of_took_nothing_before_there_was_a_connection() -> None:
    resolver = ThreadPoolExecutor()
    resolver.shutdown()
    asyncio.get_running_loop().set_default_executor(resolver)
    fault = await submit("https://service.invalid")
    assert isinstance(fault, NotAccepted)
    assert fault.code == "RuntimeError"


async def test_a_call_whose_time_is_up_before_there_was_a_connection_took_nothing() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()  # the client's hello, which nobody returns
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        fault = await submit(f"https://127.0.0.1:{port}", timeouts=Timeouts(connect=60, submit=0.2))
    assert isinstance(fault, NotAccepted)
    assert fault.code == "TimeoutError"


async def test_a_cancelled_call_took_nothing_before_there_was_a_connection_and_is_no_answer_after() -> None:
    heard = asyncio.Queue[bytes]()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.put_nowait(await reader.read(65536))
        await reader.read()
        writer.close()

    async def left(url: str) -> Accepted | ServiceError:
        call = asyncio.create_task(submit(url))
        await heard.get()  # the client's hello, or its request
        call.cancel()
        return await call

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
        assert type(await left(f"https://{address}")) is NotAccepted
        with pytest.raises(asyncio.CancelledError):
            await left(f"http://{address}")


async def test_an_address_that_only_the_transport_finds_fault_with_took_nothing() -> None:
    async with Wire(fresh=True) as wire:
        request = httpx.Request("POST", "https://service.invalid\\api")
        with pytest.raises(ValueError, match="backslash"):
            await wire.handle_async_request(request)
    assert request.extensions[CONNECTED] is False


async def test_aiohttp_gives_its_connection_before_it_sends_anything_on_it() -> None:
    """What decides that a request that failed has cost nothing."""
    heard = asyncio.get_running_loop().create_future()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.set_result(await reader.read())
        writer.close()

    class Leaving(aiohttp.TCPConnector):
        async def connect(self, *request: Any, **settings: Any) -> Connection:
            (await super().connect(*request, **settings)).close()
            raise aiohttp.ClientConnectionError

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with aiohttp.ClientSession(connector=Leaving()) as session:
            with pytest.raises(aiohttp.ClientConnectionError):
                await session.post(f"http://127.0.0.1:{port}", data=BODY)
        assert await heard == b""


async def test_when_the_connector_is_not_asked_nobody_knows_whether_anything_was_sent() -> None:
    async with Wire(fresh=True) as wire, aiohttp.ClientSession(connector=aiohttp.TCPConnector()) as session:
        wire._session = session
        fault = await submit(f"http://127.0.0.1:{unused_port()}", wire)
    assert type(fault) is Unknown


async def test_the_wire_says_whether_there_was_a_connection() -> None:
    async with answering(PENDING) as server, Wire() as wire:
        for address in (server.url, server.url, f"http://127.0.0.1:{unused_port()}"):  # a new one, a kept one, none
            request = httpx.Request("GET", address)
            try:
                response = await wire.handle_async_request(request)
                await response.aread()
            except httpx.ConnectError:
                assert request.extensions[CONNECTED] is False
            else:
                assert request.extensions[CONNECTED] is True
        assert server.connections == 1


AIOHTTP_ERRORS = sorted(
    (
        kind
        for name in aiohttp.__all__
        if isinstance(kind := getattr(aiohttp, name), type) and issubclass(kind, aiohttp.ClientError)
    ),
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize("kind", [*AIOHTTP_ERRORS, OSError, TimeoutError, UsageFault])
def test_only_whether_there_was_a_connection_decides_and_no_name_of_an_error(kind: type[Exception]) -> None:
    """aiohttp's tree is no help: a lost answer and a refused connection have a common base."""
    facts = {"host": "a.example", "port": 443, "strerror": "refused", "certificate_error": "expired"}
    error = type(kind.__name__, (kind,), {"__init__": object.__init__, "__str__": lambda _: "gone", **facts})()
    assert type(transport_error(error, connected=False)) is httpx.ConnectError
    assert type(transport_error(error, connected=True)) is httpx.ReadError


FAILURES = {"cut": CUT, "reset": RESET, "not HTTP": b"SSH-2.0\r\n", "in the body": http(200, b"x" * 9)[:-5]}


@pytest.mark.parametrize("failure", FAILURES.values(), ids=FAILURES.keys())
async def test_no_failure_on_the_wire_betrays_the_key(failure: bytes, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with answering(failure, then_close=True) as server:
        fault = await submit(server.url)
    assert isinstance(fault, Unknown)
    chain: list[BaseException] = [fault]
    while following := chain[-1].__cause__ or chain[-1].__context__:
        chain.append(following)
    said = [caplog.text, "".join(traceback.format_exception(fault)), *map(repr, chain), *(repr(vars(e)) for e in chain)]
    assert len(chain) == 2
    assert KEY not in "".join(said)
