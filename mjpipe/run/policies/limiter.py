"""The bound on requests per second, shared by submissions and polls."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable


class Limiter:
    """Lets at most `rate` requests start in any second, or one in any `1 / rate` seconds when that is longer.

    `urgent` requests (submissions) go first: when there are too many, polls wait.
    """

    def __init__(
        self, rate: float, *, timer: Callable[[], float], sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._most = max(1, int(rate))
        self._window = self._most / rate
        self._timer = timer
        self._sleep = sleep
        self._started: deque[float] = deque()
        self._urgent: deque[asyncio.Future[None]] = deque()
        self._others: deque[asyncio.Future[None]] = deque()
        self._server: asyncio.Task[None] | None = None

    async def acquire(self, *, urgent: bool = False) -> None:
        """Returns when one request may start."""
        if not self._urgent and (urgent or not self._others) and self.take(1):
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        (self._urgent if urgent else self._others).append(turn)
        if self._server is None:
            self._server = asyncio.create_task(self._serve())
        await turn

    def take(self, most: int) -> int:
        """How many requests may start now, up to `most`; they count as started."""
        now = self._timer()
        while self._started and now - self._started[0] >= self._window:
            self._started.popleft()
        taken = max(0, min(most, self._most - len(self._started)))
        self._started.extend([now] * taken)
        return taken

    def give_back(self, unused: int) -> None:
        for _ in range(min(unused, len(self._started))):
            self._started.pop()

    async def _serve(self) -> None:
        while self._urgent or self._others:
            if self.take(1):
                turn = (self._urgent or self._others).popleft()
                if turn.cancelled():
                    self.give_back(1)
                else:
                    turn.set_result(None)
            else:
                await self._sleep(max(0.001, self._started[0] + self._window - self._timer()))
        self._server = None
