"""The terminal: its width, whether a person sits there, the one door for text, and what happens when it is gone."""

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, TextIO, cast

import click

from mjpipe.cli.streams import Unread
from mjpipe.domain import legible, legible_lines


def say(text: str = "", *, nl: bool = True, err: bool = False) -> None:
    """Prints text for people, or JSON: without what could steer a terminal, whoever wrote it.

    The linter refuses `click.echo` elsewhere.
    """
    click.echo(legible_lines(text), nl=nl, err=err)  # noqa: TID251 - this is the door


def cell_shown(text: str) -> str:
    """A cell of a table on standard output: exact for a file or a pipe, fit to be read for a terminal."""
    return legible(text) if sys.stdout.isatty() else text


def terminal_width() -> int:
    """In columns; what COLUMNS says, and 80 where nothing does."""
    return shutil.get_terminal_size().columns


def watched() -> bool:
    """Whether a person is there who can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def moves_cursor(stream: TextIO) -> bool:
    """Whether what is printed there may move the cursor and wipe: no file, no pipe, and no terminal that says it is
    dumb, or says nothing.
    """
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb")


GONE = (errno.EIO, errno.EPIPE)
"""What writing raises when the terminal has hung up, or nobody reads the pipe any more."""


class LastingStream:
    """A text stream whose reader may go away while a run goes on: from then on what is written goes nowhere.

    All else is as on the stream itself.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with self._lasting():
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._lasting():
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @contextmanager
    def _lasting(self) -> Iterator[None]:
        try:
            yield
        except Unread:
            pass  # standard output has seen to its buffer itself
        except OSError as fault:
            if fault.errno not in GONE:
                raise
            # What is still in its buffer must have somewhere to go, or the interpreter fails when it ends.
            with Path(os.devnull).open("wb") as nowhere:
                os.dup2(nowhere.fileno(), self._stream.fileno())


@contextmanager
def lasting_output() -> Iterator[None]:
    """Inside, a terminal or a pipe that is gone ends nothing."""
    out, err = (cast("TextIO", LastingStream(stream)) for stream in (sys.stdout, sys.stderr))
    with redirect_stdout(out), redirect_stderr(err):
        yield
