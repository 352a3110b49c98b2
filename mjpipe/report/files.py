"""Files that are there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import TextIO

from mjpipe.domain import StateFault, reason_of

REPORTS = "`mjpipe report M` writes the reports again"


@contextmanager
def replacing(path: Path, *, help: str = REPORTS) -> Iterator[TextIO]:  # noqa: A002 - the word users see
    """A text file that takes the place of `path` when it is written and on disk; when that fails, `path` stays.

    A link stays a link: what it leads to is replaced. Of two that are written at once, the later one holds. Raises
    StateFault when the disk refuses, with `help` on what to do when it no longer does.
    """
    with _disk_faults(path, help), _replacing(Path(os.path.realpath(path))) as file:
        yield file


@contextmanager
def _replacing(path: Path) -> Iterator[TextIO]:
    part = path.with_name(f".{path.name}.part")
    path.parent.mkdir(parents=True, exist_ok=True)
    part.unlink(missing_ok=True)  # what a killed process left, or the file of another that now gives way
    file = part.open("x", encoding="utf-8", newline="")
    written = os.fstat(file.fileno())
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if _is_there(part, written):
            part.replace(path)
    except BaseException:
        if _is_there(part, written):
            part.unlink()
        raise
    _flush_names(path.parent)


def next_free_name(path: Path) -> Path:
    """`assets.1.jsonl` for `assets.jsonl`, or the first after it at which there is nothing."""
    names = (path.with_name(f"{path.stem}.{number}{path.suffix}") for number in count(1))
    return next(name for name in names if not os.path.lexists(name))


def _is_there(path: Path, file: os.stat_result) -> bool:
    try:
        return os.path.samestat(path.stat(), file)
    except FileNotFoundError:
        return False


def _flush_names(folder: Path) -> None:
    """Makes what the folder's files are called durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _disk_faults(path: Path, help: str) -> Iterator[None]:  # noqa: A002 - as above
    try:
        yield
    except OSError as fault:
        raise StateFault(
            f"`{path}` cannot be written: {reason_of(fault)}",
            help=f"check the disk (`df`) and the permissions; {help}",
        ) from fault
