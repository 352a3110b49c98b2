"""Signals that end a run in an orderly way: Ctrl-C, SIGTERM, and SIGHUP from a closed terminal."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import TYPE_CHECKING

from mjpipe.cli.exit_codes import ExitCode
from mjpipe.run import Progress

if TYPE_CHECKING:
    import asyncio

    from mjpipe.run.engine import Engine

WIND_UP = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Sent by programs, not by a person: systemd sends both together, and some send SIGTERM more than once."""


class Interrupts:
    """Catches signals from the start of a run until its reports are written, and passes them on to the engine.

    The first one of any kind stops submission, the second Ctrl-C leaves, the third leaves at once. SIGTERM and SIGHUP
    count as the first or not at all. Signals that come before there is an engine are kept for it; a second Ctrl-C then
    leaves by raising KeyboardInterrupt.
    """

    def __init__(self) -> None:
        self._kept: list[int] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._engine: Engine | None = None
        self._progress: Progress | None = None

    @contextmanager
    def heard(self) -> Iterator[None]:
        """SIGTERM and SIGHUP do not kill the program. One that is ignored already, as under `nohup`, stays ignored."""
        with ExitStack() as stack:
            for number in WIND_UP:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    self._take(number, stack)
            yield

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Keeps Ctrl-C, too, for the engine that is to come."""
        with ExitStack() as stack:
            self._take(signal.SIGINT, stack)
            yield

    @property
    def has_come(self) -> bool:
        """Whether a signal has come while there was no engine."""
        return bool(self._kept)

    @contextmanager
    def passed_to(self, engine: "Engine", progress: Progress) -> Iterator[None]:
        """Passes signals to the engine while it runs on the current loop; Ctrl-C too."""
        import asyncio  # noqa: PLC0415 - who has an engine has a loop, and others need none

        self._engine, self._progress, self._loop = engine, progress, asyncio.get_running_loop()
        with ExitStack() as stack:
            self._take(signal.SIGINT, stack)
            stack.enter_context(_waking(self._loop))
            for number in self._kept:
                self._pass_on(number)
            try:
                yield
            finally:
                self._engine = self._progress = self._loop = None

    def _take(self, number: int, stack: ExitStack) -> None:
        stack.callback(signal.signal, number, signal.signal(number, self._hear))

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        # Called between any two steps of the program: only the loop may act.
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._pass_on, number)
            return
        self._kept.append(number)
        if self._kept.count(signal.SIGINT) > 1:  # no submission is on its way that would have to be waited for
            raise KeyboardInterrupt

    def _pass_on(self, number: int) -> None:
        if self._engine is None or self._progress is None:
            return
        if number in WIND_UP:
            if self._engine.wind_up():
                name = signal.Signals(number).name
                self._progress.note(f"{name}: submitting nothing new, fetching what is in flight")
            return
        match self._engine.interrupt():
            case 1:
                self._progress.note(
                    "stopping: submitting nothing new, fetching what is in flight; Ctrl-C again to leave"
                )
            case 2:
                self._progress.note("leaving: the next run fetches what is in flight; Ctrl-C again to leave at once")
            case _:
                os._exit(ExitCode.INTERRUPTED)  # the ledger is durable at all times


@contextmanager
def _waking(loop: "asyncio.AbstractEventLoop") -> Iterator[None]:
    """Makes a signal wake the loop, even one that comes just before the loop begins to wait."""
    import socket  # noqa: PLC0415 - as above

    ours, python = socket.socketpair()
    with ours, python:
        ours.setblocking(False)
        python.setblocking(False)
        loop.add_reader(ours, ours.recv, 4096)
        before = signal.set_wakeup_fd(python.fileno(), warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(before)
            loop.remove_reader(ours)
