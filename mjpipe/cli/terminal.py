"""The terminal: its width, whether a person is there, and the one function that prints text."""

import os
import shutil
import sys
from typing import TextIO

import click

from mjpipe.domain import printable, printable_lines


def say(text: str = "", *, nl: bool = True, err: bool = False) -> None:
    """Prints text or JSON without characters that could control a terminal; the linter bans `click.echo` elsewhere."""
    click.echo(printable_lines(text), nl=nl, err=err)  # noqa: TID251 - the only place for it


def cell_text(text: str) -> str:
    """A cell of a table on standard output: exact in a file or a pipe, safe on a terminal."""
    return printable(text) if sys.stdout.isatty() else text


def terminal_width() -> int:
    """In columns: COLUMNS, or the terminal's width, or 80."""
    return shutil.get_terminal_size().columns


def is_interactive() -> bool:
    """Whether a person can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def moves_cursor(stream: TextIO) -> bool:
    """Whether text there may move the cursor: not in a file, a pipe, or a terminal of kind `dumb` or none."""
    return stream.isatty() and os.environ.get("TERM", "") not in ("", "dumb")
