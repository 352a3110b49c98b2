"""Webhooks: the final answer of a task is posted to its callback URL, and again until that takes it."""

import asyncio
from collections.abc import Awaitable, Callable

import httpx

from mjpipe.contract import FIRST_REDELIVERY, REDELIVERIES, WEBHOOK_ANSWER
from mjpipe.sandbox.faults import At, Do, Event, FaultInjector
from mjpipe.sandbox.store import Store
from mjpipe.sandbox.task import Task

_TAKEN = 200


def redelivery_delay(tries: int) -> float:
    """Seconds to wait after this many tries. No page says how the delays grow: here each is twice the one before."""
    return FIRST_REDELIVERY * float(2 ** (tries - 1))


class Callbacks:
    """The deliveries under way. `payload` makes the body of one when it is due."""

    def __init__(
        self,
        store: Store,
        injector: FaultInjector,
        *,
        payload: Callable[[Task], bytes],
        client: Callable[[], httpx.AsyncClient],
        speed_up: float,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
    ) -> None:
        self._store = store
        self._injector = injector
        self._payload = payload
        self._client = client
        self._speed_up = speed_up
        self._clock = clock
        self._sleep = sleep
        self._owed: set[asyncio.Task[None]] = set()
        self._went_out = asyncio.Event()

    def schedule(self, task: Task, tries: int = 0) -> None:
        """Schedule the webhook of a task; `tries` were made by an earlier process."""
        delivery = asyncio.get_running_loop().create_task(self._deliver(task, tries))
        self._owed.add(delivery)
        delivery.add_done_callback(self._owed.discard)

    async def close(self) -> None:
        """Stop all deliveries; the next start takes them up."""
        for delivery in self._owed:
            delivery.cancel()
        await asyncio.gather(*self._owed, return_exceptions=True)

    async def _deliver(self, task: Task, tries: int) -> None:
        await self._sleep(max(0.0, task.completed / 1000 - self._clock()))
        fault = self._injector.fault_for(Event.of(At.CALLBACK, task))
        if fault.do is Do.LATE:
            await self._sleep(fault.seconds)
        if fault.do is Do.OUT_OF_ORDER:
            await self._next_delivery()
        settled = False
        while not settled:
            if tries > 0:
                await self._sleep(redelivery_delay(tries) / self._speed_up)
            taken = fault.do is Do.LOST or await self._post(task)
            if fault.do is Do.DOUBLE:
                await self._post(task)
            tries += 1
            settled = taken or tries > REDELIVERIES
            self._store.tried_callback(task.id, settled=settled)
            self._went_out.set()
            self._went_out = asyncio.Event()

    async def _next_delivery(self) -> None:
        """Wait for the next webhook of another task, at most as long as until a redelivery."""
        next_one = asyncio.ensure_future(self._went_out.wait())
        patience = asyncio.ensure_future(self._sleep(FIRST_REDELIVERY / self._speed_up))
        try:
            await asyncio.wait((next_one, patience), return_when=asyncio.FIRST_COMPLETED)
        finally:
            next_one.cancel()
            patience.cancel()

    async def _post(self, task: Task) -> bool:
        try:
            answer = await self._client().post(
                str(task.callback_url),
                content=self._payload(task),
                headers={"Content-Type": "application/json"},
                timeout=WEBHOOK_ANSWER,
            )
        except (httpx.HTTPError, httpx.InvalidURL):
            return False
        return answer.status_code == _TAKEN
