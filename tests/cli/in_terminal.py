"""The program in a terminal of 80 columns, as a person reads it there."""

import fcntl
import os
import re
import struct
import termios
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyte

from tests.cli.fork_server import run_forked_on

COLUMNS = 80
_ROWS = 1_000
_WIDEST = 1_000
_QUESTION = re.compile(rb"\[[yY]/[nN]\]: $")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a command has left in the terminal: whole lines, however long, without what bars drew over themselves."""

    lines: tuple[str, ...]
    code: int

    @property
    def text(self) -> str:
        return "".join(f"{line}\n" for line in self.lines)


def in_terminal(
    argv: Sequence[str],
    *,
    folder: Path,
    environment: Mapping[str, str],
    answers: Sequence[str] = (),
    timeout: float = 120,
) -> Shown:
    """`mjpipe` with these arguments; each of its questions gets the next of the `answers`, or the Return key alone."""
    # Wider than the terminal says it is: a line that is too long stays one line here, as it does when it is copied.
    screen = pyte.Screen(_WIDEST, _ROWS)
    master, slave = os.openpty()
    with closing(_Terminal(master, pyte.ByteStream(screen).feed, answers)) as terminal:
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", _ROWS, COLUMNS, 0, 0))
        try:
            files = [slave, slave, slave]
            code = run_forked_on(files, argv, folder=folder, environment=environment, timeout=timeout)
        finally:
            os.close(slave)
            terminal.read_all()
    lines = [line.rstrip() for line in screen.display]
    return Shown(tuple(lines[: max((index for index, line in enumerate(lines, 1) if line), default=0)]), code)


class _Terminal:
    """Reads what is written to a terminal and answers its questions, until nobody has it open any more."""

    def __init__(self, master: int, feed: Callable[[bytes], None], answers: Sequence[str]) -> None:
        self._master = master
        self._feed = feed
        self._answers = [*answers]
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        tail = b""
        while True:
            try:
                content = os.read(self._master, 65536)
            except OSError:  # Linux's word for the end
                return
            if not content:
                return
            self._feed(content)
            tail = (tail + content)[-100:]
            if _QUESTION.search(tail):
                tail = b""
                answer = self._answers.pop(0) if self._answers else ""
                os.write(self._master, f"{answer}\n".encode())

    def read_all(self) -> None:
        self._reader.join()

    def close(self) -> None:
        os.close(self._master)
