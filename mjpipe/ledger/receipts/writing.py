"""The receipts that a state writes: files of its own in a folder that git shares."""

import json
from collections.abc import Iterable
from pathlib import Path

from mjpipe.domain import StateFault
from mjpipe.files import add_lines, state_faults, write_faults
from mjpipe.ledger.receipts.seen import SUFFIX, SeenFile, receipt_paths

LARGEST = 20_000_000
"""Bytes of a file from which on the next one is begun."""

_PART = 1 << 20
"""Characters that are written at once."""

_THEN = "then type the command again: nothing is sent without a receipt, and what is paid for is in the state"


class OwnFiles:
    """`<state id>-<n>.jsonl` in a receipts folder: no other state, clone or branch writes them.

    They are opened by their path for each group of lines: a folder that was deleted or checked out again in between
    swallows nothing. `private` ones are closed to others.
    """

    def __init__(self, folder: Path, state_id: str, *, private: bool = False, largest: int = LARGEST) -> None:
        self.folder = folder
        self._state_id = state_id
        self._largest = largest
        self._private = private
        self.look()

    def look(self) -> None:
        """Goes on behind the last file that is there. Raises StateFault."""
        paths = self.paths()
        self._number = max([1, *map(self._number_of, paths)])
        self._path = self._path_now()
        with state_faults(self._path):
            self._size = self._path.stat().st_size if self._path in paths else 0
        self.were_changed = False
        """Whether somebody else has changed the file since it was looked at, or since lines were added to it."""

    def _path_now(self) -> Path:
        return self.folder / f"{self._state_id}-{self._number}{SUFFIX}"

    def paths(self) -> list[Path]:
        """Those that exist. Raises StateFault."""
        return [path for path in receipt_paths(self.folder) if self._number_of(path)]

    def seen_now(self) -> list[SeenFile]:
        return [SeenFile.now(path) for path in self.paths()]

    def _number_of(self, path: Path) -> int:
        """0 for the file of another state."""
        state, _, number = path.name.removesuffix(SUFFIX).rpartition("-")
        return int(number) if state == self._state_id and number.isascii() and number.isdigit() else 0

    def add(self, lines: Iterable[str]) -> bool:
        """Adds lines, durably. Returns whether there were any. Raises StateFault."""
        part: list[str] = []
        size = total = 0
        for line in lines:
            part.append(line)
            size += len(line)
            if size >= _PART:
                self._add("".join(part).encode())
                total += size
                part, size = [], 0
        if part:
            self._add("".join(part).encode())
        return total + size > 0

    def _add(self, lines: bytes) -> None:
        if self._size >= self._largest:
            self._begin_next()
        try:
            before, after = self._added(lines)
        except StateFault as fault:
            if not isinstance(fault.__cause__, PermissionError):
                raise
            self._begin_next()  # git has made the file again, for whoever typed that
            before, after = self._added(lines)
        self.were_changed |= before != self._size
        self._size = after

    def _begin_next(self) -> None:
        self._number, self._size = self._number + 1, 0
        self._path = self._path_now()

    def _added(self, lines: bytes) -> tuple[int, int]:
        with write_faults(self._path, then=_THEN):
            return add_lines(self._path, lines, is_whole=_is_whole, private=self._private)


def _is_whole(line: bytes) -> bool:
    """Whether only the end of the line is missing, as an editor may leave it."""
    try:
        json.loads(line)
    except ValueError:
        return False
    return True
