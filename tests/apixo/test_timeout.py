"""Time in which the process did not run is not held against an answer."""

import asyncio
import gc
import os
import signal
import sys
from asyncio.subprocess import PIPE

import pytest

from mjpipe.apixo.timeout import wait_at_most
from tests.apixo.loopback import ACCEPTED

pytestmark = pytest.mark.anyio


async def test_an_answer_that_came_while_the_process_was_stopped_is_read() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        os.kill(child.pid, signal.SIGSTOP)
        await asyncio.to_thread(os.waitid, os.P_PID, child.pid, os.WSTOPPED | os.WNOWAIT)
        writer.write(ACCEPTED)
        await writer.drain()
        os.kill(child.pid, signal.SIGCONT)
        await reader.read()  # until it has gone
        writer.close()
        gone.set()

    gone = asyncio.Event()
    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/api/v1"
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.apixo.stopped_child", address, stdout=PIPE
    )
    output, _ = await child.communicate()
    await gone.wait()
    server.close()
    assert output == b"task_1"


async def test_what_has_not_ended_in_time_is_cancelled() -> None:
    cancelled = asyncio.Event()

    async def never() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(TimeoutError):
        await wait_at_most(never(), seconds=0.01)
    assert cancelled.is_set()


async def test_who_stops_waiting_stops_the_work() -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def never() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    waiting = asyncio.ensure_future(wait_at_most(never(), seconds=3600))
    await begun.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert cancelled.is_set()


async def test_a_wait_leaves_nothing_that_only_the_garbage_collector_can_free() -> None:
    """There is one for each request: its searches would take a tenth of the CPU of a run."""

    async def answer() -> None:
        await asyncio.sleep(0)

    waits = 100
    gc.collect()
    gc.disable()
    try:
        for _ in range(waits):
            await wait_at_most(answer(), seconds=3600)
        assert gc.collect() < waits
    finally:
        gc.enable()
