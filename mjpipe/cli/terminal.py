"""The terminal: its width, whether a person is there, and the one function that prints text."""

import os
import shutil
import sys
from typing import TextIO

import click

from mjpipe.cli.colours import coloured, has_colours
from mjpipe.domain import printable, printable_lines


def say(text: str = "", *, nl: bool = True, err: bool = False) -> None:
    """Prints text or JSON without characters that could control a terminal, and with colours where they are wanted; the
    linter bans `click.echo` elsewhere.
    """
    shown = printable_lines(text)
    colours = has_colours(sys.stderr if err else sys.stdout)
    click.echo(coloured(shown) if colours else shown, nl=nl, err=err, color=colours)  # noqa: TID251 - the only place


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
