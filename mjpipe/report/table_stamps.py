"""The size and time of the written tables: whether the files on disk are those that the ledger remembers."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TextIO

Stamp = tuple[int, int]
"""A file's size in bytes, and when its content was last changed, in nanoseconds since the epoch."""


def stamp_text(stamps: Mapping[str, Stamp | None], *, sandbox: bool, beside: str = "") -> str:
    """What the ledger keeps of files, by their names below `outputs.dir`.

    The release is part of it: another one may write the files differently, and then does. So is what the tables
    depend on `beside` the ledger.
    """
    from importlib.metadata import version  # noqa: PLC0415 - slow, and a plan needs none

    return json.dumps([version("mjpipe"), sandbox, stamps, beside])


def stamps_in_text(text: str | None) -> Mapping[str, Stamp]:
    """The stamps in a text of `stamp_text`; none where there is no text, or not one of ours."""
    try:
        stamps = json.loads(text or "null")[2]
        return {name: (size, moment) for name, (size, moment) in stamps.items()}
    except (ValueError, TypeError, IndexError, AttributeError):
        return {}


def stamp_of(file: TextIO) -> Stamp:
    """Of a file to which nothing more will be written."""
    file.flush()
    return _stamp(os.fstat(file.fileno()))


def stamps_below(outputs: Path, names: Iterable[str]) -> dict[str, Stamp | None]:
    """None for a file that is not there."""
    return {name: stamp_at(outputs / name) for name in names}


def stamp_at(path: Path) -> Stamp | None:
    """None where no file is."""
    try:
        return _stamp(path.stat())
    except OSError:
        return None


def _stamp(found: os.stat_result) -> Stamp:
    return found.st_size, found.st_mtime_ns
