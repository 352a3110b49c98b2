"""The terminal: its width, whether a person is there, and the one function that prints text."""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from typing import TextIO

import click

from mjpipe.cli.colours import coloured, has_colours
from mjpipe.domain import printable, printable_lines, text_width, wrapped


def say(text: str = "", *, nl: bool = True, err: bool = False) -> None:
    """Prints text or JSON without characters that could control a terminal, and with colours where they are wanted; the
    linter bans `click.echo` elsewhere.
    """
    shown = printable_lines(text)
    colours = has_colours(sys.stderr if err else sys.stdout)
    click.echo(coloured(shown) if colours else shown, nl=nl, err=err, color=colours)  # noqa: TID251 - the only place


def say_prose(text: str, *, err: bool = False) -> None:
    """Prints sentences. On a terminal a line that is too wide for it is wrapped between words; a file or a pipe gets
    each line whole.
    """
    width = prose_width(err=err)
    say(text if width is None else "\n".join(_fitting(text.split("\n"), width)), err=err)


def prose_width(*, err: bool = False) -> int | None:
    """The columns in which to wrap what is printed there; None for a file or a pipe."""
    return terminal_width() if (sys.stderr if err else sys.stdout).isatty() else None


def _fitting(lines: Iterable[str], width: int) -> Iterator[str]:
    for line in lines:
        indent = line[: len(line) - len(line.lstrip(" "))]
        yield from [line] if text_width(line) <= width else wrapped(line, width, first=indent, rest=f"{indent}  ")


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
