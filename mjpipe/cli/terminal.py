"""The terminal: its width, whether a person sits there, and the one door for text."""

import os
import shutil
import sys
from typing import TextIO

import click

from mjpipe.domain import printable, printable_lines


def say(text: str = "", *, nl: bool = True, err: bool = False) -> None:
    """Prints text for people, or JSON: without what could steer a terminal, whoever wrote it.

    The linter refuses `click.echo` elsewhere.
    """
    click.echo(printable_lines(text), nl=nl, err=err)  # noqa: TID251 - this is the door


def cell_shown(text: str) -> str:
    """A cell of a table on standard output: exact for a file or a pipe, fit to be read for a terminal."""
    return printable(text) if sys.stdout.isatty() else text


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
