"""The one thread that writes: callers on an event loop await the commit of their operations."""

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, TypeVar

from mjpipe.domain import StateFault
from mjpipe.ledger.database import savepoint, transaction
from mjpipe.ledger.ledger import Ledger
from mjpipe.ledger.values import Intent

if TYPE_CHECKING:
    import asyncio

T = TypeVar("T")
_Operation = tuple[Callable[[Ledger], Any], "asyncio.Future[Any]"]


GATHERING = 0.004
"""Seconds that a commit waits for more operations when the one before had several: one flush for many costs less."""

RESTING = 1.0
"""Seconds without an operation after which receipts that are due are written, though nobody waits for them."""

_WHY_WITHDRAWN = "never sent: its receipt could not be written"


@dataclass(slots=True)
class _Result:
    """What one operation gave or raised, and what it intends to submit."""

    future: "asyncio.Future[Any]"
    value: Any = None
    fault: BaseException | None = None
    intents: list[Intent] = field(default_factory=list)


class Writer:
    """Runs operations on a ledger in a thread of their own, many in one commit.

    An operation that raises undoes itself alone. When the commit fails, all operations in it fail with StateFault.
    After a commit with intents the receipts are flushed, once for all of them, before anybody gets an answer. When that
    fails, the intents are withdrawn, and the operations that recorded them fail with StateFault. What else is due is
    written with the next intents, or when nobody asks for anything. Leaving the context waits for all operations; one
    that is asked for after that raises StateFault, because nobody would ever answer it.
    """

    def __init__(self, ledger: Ledger, *, resting: float | None = RESTING) -> None:
        """`resting` None writes receipts with intents alone."""
        self._ledger = ledger
        self._resting = resting
        self._queue: queue.SimpleQueue[_Operation | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="mjpipe-ledger", daemon=True)
        self._closed = False
        self._intents: list[Intent] = []
        self._not_withdrawn: list[Intent] = []

    async def __aenter__(self) -> Self:
        if self._ledger.connection.in_transaction:
            raise StateFault("the ledger is still adopting a plan", help="this is a bug of mjpipe")
        import asyncio  # noqa: PLC0415 - who reads a ledger needs no loop

        self._loop = asyncio.get_running_loop()
        self._ledger.submissions.on_intent = self._intents.append
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        import asyncio  # noqa: PLC0415 - as above

        self._closed = True
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._ledger.submissions.on_intent = None

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
            batch = [self._next()]
            if crowded:
                time.sleep(GATHERING)
            while True:
                try:
                    batch.append(self._queue.get_nowait())
                except queue.Empty:
                    break
            going = None not in batch
            results = self._commit([operation for operation in batch if operation is not None])
            self._write_receipts(results)
            self._loop.call_soon_threadsafe(_resolve, results)
        if self._not_withdrawn:
            self._withdraw([])

    def _next(self) -> _Operation | None:
        receipts = self._ledger.receipts
        if receipts is None or self._resting is None or receipts.are_written:
            return self._queue.get()
        try:
            return self._queue.get(timeout=self._resting)
        except queue.Empty:
            with suppress(StateFault):  # it stays due; the next group, or the end of the run, reports it
                receipts.flush()
            return self._queue.get()

    def _commit(self, batch: list[_Operation]) -> list[_Result]:
        # What is alone is undone with its transaction, and needs no savepoint.
        perform = self._perform if len(batch) > 1 else self._perform_alone
        results = [_Result(future) for _, future in batch]
        try:
            with transaction(self._ledger.connection):
                for result, (operation, _) in zip(results, batch, strict=True):
                    perform(operation, result)
        except Exception as raised:  # noqa: BLE001 - it is raised to all whose commit it was
            self._intents.clear()
            return [_Result(future, fault=_in_our_words(raised)) for _, future in batch]
        return results

    def _perform_alone(self, operation: Callable[[Ledger], Any], result: _Result) -> None:
        result.value = operation(self._ledger)
        self._take_intents(result)

    def _perform(self, operation: Callable[[Ledger], Any], result: _Result) -> None:
        try:
            with savepoint(self._ledger.connection):
                result.value = operation(self._ledger)
            self._take_intents(result)
        except Exception as raised:
            self._intents.clear()
            if not self._ledger.connection.in_transaction:  # SQLite has undone all: a full disk, a failing one
                raise
            result.fault = _in_our_words(raised)

    def _take_intents(self, result: _Result) -> None:
        if self._intents:
            result.intents = self._intents[:]
            self._intents.clear()

    def _write_receipts(self, results: list[_Result]) -> None:
        receipts = self._ledger.receipts
        intending = [result for result in results if result.intents]
        if receipts is None or not intending:
            return
        try:
            receipts.flush()
        except Exception as raised:  # noqa: BLE001 - whatever it is: what nobody has receipts for is not sent
            for result in intending:
                result.fault = _in_our_words(raised)
            self._withdraw([intent for result in intending for intent in result.intents])

    def _withdraw(self, intents: list[Intent]) -> None:
        """What a full disk does not let be withdrawn is tried again at the end, and is in doubt if that fails too."""
        self._not_withdrawn += intents
        with suppress(StateFault):
            self._ledger.submissions.withdraw(self._not_withdrawn, _WHY_WITHDRAWN)
            self._not_withdrawn.clear()


def _in_our_words(fault: Exception) -> Exception:
    if isinstance(fault, StopIteration):  # which no future may hold
        return RuntimeError("an operation on the ledger raised StopIteration")
    return fault


def _resolve(results: list[_Result]) -> None:
    for result in results:
        if result.future.cancelled():
            continue
        if result.fault is None:
            result.future.set_result(result.value)
        else:
            result.future.set_exception(result.fault)
