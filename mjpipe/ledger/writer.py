"""The one thread that writes: callers on an event loop await the commit of their operations."""

import queue
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Self, TypeVar

from mjpipe.domain import StateFault
from mjpipe.ledger.database import savepoint, transaction
from mjpipe.ledger.ledger import Ledger

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")
_Operation = tuple[Callable[[Ledger], Any], "asyncio.Future[Any]"]


GATHERING = 0.004
"""Seconds that a commit waits for more operations when the one before had several: one flush for many costs less."""


class Writer:
    """Runs operations on a ledger in a thread of their own, many in one commit.

    An operation that raises undoes itself alone. When the commit fails, all operations in it fail with StateFault.
    Leaving the context waits for all operations; one that is asked for after that raises StateFault, because nobody
    would ever answer it.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._queue: queue.SimpleQueue[_Operation | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="mjpipe-ledger", daemon=True)
        self._closed = False

    async def __aenter__(self) -> Self:
        if self._ledger.connection.in_transaction:
            raise StateFault("the ledger is still adopting a plan", help="this is a bug of mjpipe")
        import asyncio  # noqa: PLC0415 - who reads a ledger needs no loop

        self._loop = asyncio.get_running_loop()
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        import asyncio  # noqa: PLC0415 - as above

        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)

    async def __call__(self, operation: Callable[[Ledger], T]) -> T:
        """The operation's result, when it is durable."""
        if self._closed:
            raise StateFault("the ledger is closed", help="this is a bug of mjpipe")
        future: asyncio.Future[T] = self._loop.create_future()
        self._queue.put((operation, future))
        return await future

    def _work(self) -> None:
        going = True
        batch: list[_Operation | None] = []
        while going:
            crowded = len(batch) > 1
            batch = [self._queue.get()]
            if crowded:
                time.sleep(GATHERING)
            while True:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            going = None not in batch
            results = self._commit([operation for operation in batch if operation is not None])
            self._loop.call_soon_threadsafe(_resolve, results)

    def _commit(self, batch: list[_Operation]) -> list[tuple["asyncio.Future[Any]", Any, BaseException | None]]:
        # What is alone is undone with its transaction, and needs no savepoint.
        outcome_of = self._outcome if len(batch) > 1 else self._outcome_alone
        try:
            with transaction(self._ledger.connection):
                return [(future, *outcome_of(operation)) for operation, future in batch]
        except Exception as raised:  # noqa: BLE001 - it is raised to all whose commit it was
            return [(future, None, _in_our_words(raised)) for _, future in batch]

    def _outcome_alone(self, operation: Callable[[Ledger], Any]) -> tuple[Any, None]:
        return operation(self._ledger), None

    def _outcome(self, operation: Callable[[Ledger], Any]) -> tuple[Any, BaseException | None]:
        try:
            with savepoint(self._ledger.connection):
                return operation(self._ledger), None
        except Exception as raised:
            if not self._ledger.connection.in_transaction:  # SQLite has undone all: a full disk, a failing one
                raise
            return None, _in_our_words(raised)


def _in_our_words(fault: Exception) -> Exception:
    if isinstance(fault, StopIteration):  # which no future may hold
        return RuntimeError("an operation on the ledger raised StopIteration")
    return fault


def _resolve(results: list[tuple["asyncio.Future[Any]", Any, BaseException | None]]) -> None:
    for future, value, fault in results:
        if future.cancelled():
            continue
        if fault is None:
            future.set_result(value)
        else:
            future.set_exception(fault)
