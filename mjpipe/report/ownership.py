"""Whether the `assets.jsonl` in an output folder is a campaign's own, so that its reports may replace it."""

import json
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from mjpipe.domain import TaskId, UsageFault, counted, one_line, short_path
from mjpipe.files import first_free, move_file, open_regular, read_regular, state_faults
from mjpipe.ledger import Reader
from mjpipe.report.formats.assets_jsonl import ASSETS
from mjpipe.report.formats.costs_csv import COSTS_CSV
from mjpipe.report.formats.costs_json import COSTS_JSON
from mjpipe.report.table_stamps import stamp_at, stamps_in_text

LONGEST_LINE = 1 << 24
"""The longest line that is read, in bytes. Ours have a request and a row; a longer one is ignored."""

LARGEST_COSTS = 1 << 26
"""Bytes of a `costs.json` that are read. Ours grow with the number of causes of failures and of groups alone."""

AT_ONCE = 1_000
"""Tasks that the ledger is asked about at a time."""


_FIRST_COLUMNS = re.compile(rb'(?:\xef\xbb\xbf)?"?key"?[,;\t]"?node"?[,;\t]')
_LONGEST_START = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignRecords:
    """Lines of an `assets.jsonl` about tasks that a ledger does not know.

    Of all the `lines`, `images` are about such tasks. `key` and `task` are those of the first.
    """

    path: Path
    images: int
    lines: int
    key: str
    task: TaskId

    @property
    def evidence(self) -> str:
        images = f"{counted(self.images, 'image')}{'' if self.images == self.lines else f' (of {self.lines:,})'}"
        first = f"the first is of `{one_line(self.key)}`, task `{one_line(self.task)}`"
        return f"`{short_path(self.path)}` lists {images} of tasks that this campaign's state does not know; {first}"

    @property
    def remedy(self) -> str:
        return (
            "if another campaign made them, give this one an `outputs.dir` of its own; "
            "if this one did, name the state that knows them: --state DIR"
        )

    def fault(self) -> UsageFault:
        return UsageFault(self.evidence, help=self.remedy)


def foreign_records(outputs: Path, ledger: Reader) -> ForeignRecords | None:
    """What the `assets.jsonl` in `outputs` lists that the ledger did not make; None where it may be replaced.

    A file that has not changed since the ledger's last report is not read. Unreadable lines are ignored. Raises
    StateFault when the disk refuses.
    """
    path = changed_records(outputs, ledger)
    if path is None:
        return None
    with state_faults(path):
        return compared(path, ledger.tasks.unknown)


def changed_records(outputs: Path, ledger: Reader) -> Path | None:
    """The `assets.jsonl` in `outputs`; None where none is, and where it is as the ledger's last report left it.

    Raises StateFault.
    """
    path = outputs / ASSETS
    with state_faults(path):
        # A folder cannot be replaced: opening it raises before anything is paid.
        recorded = path.is_file() or path.is_dir()
        if not recorded or stamp_at(path) == stamps_in_text(ledger.bindings.get("last_reported")).get(ASSETS):
            return None
        return path


def compared(path: Path, unknown: Callable[[Collection[TaskId]], frozenset[TaskId]]) -> ForeignRecords | None:
    """The same for a file. `unknown` says which of some tasks the ledger does not know. Raises OSError."""
    found: ForeignRecords | None = None
    lines = 0
    for part in records_in_parts(path):
        strange = unknown({record.task for record in part})
        lines += len(part)
        of_others = [record for record in part if record.task in strange]
        if of_others:
            first = of_others[0] if found is None else found
            images = len(of_others) + (0 if found is None else found.images)
            found = ForeignRecords(path=path, images=images, lines=lines, key=first.key, task=first.task)
    return found


class AssetRecord(NamedTuple):
    """A line about a task. Only `key` and `task` were looked at; `line` is outside input."""

    key: str
    task: TaskId
    line: Mapping[str, Any]


def records_in_parts(path: Path) -> Iterator[list[AssetRecord]]:
    """The lines that name a key and a task, some at a time. Raises OSError."""
    part: list[AssetRecord] = []
    with open_regular(path) as file:
        while line := file.readline(LONGEST_LINE):
            record = _record(line)
            if record is not None:
                part.append(record)
            if len(part) == AT_ONCE:
                yield part
                part = []
    if part:
        yield part


def _record(line: bytes) -> AssetRecord | None:
    try:
        asset: Any = json.loads(line)
        key, task = asset["key"], asset["taskId"]
    except (ValueError, RecursionError, KeyError, TypeError):
        return None
    return AssetRecord(key, TaskId(task), asset) if isinstance(key, str) and isinstance(task, str) else None


def set_records_aside(outputs: Path) -> Path | None:
    """Renames the `assets.jsonl` in `outputs`, so that no report replaces it. Returns its new path, None when there is
    no such file. Raises StateFault.
    """
    assets = outputs / ASSETS
    with state_faults(assets):
        if not assets.is_file():
            return None
        target = first_free(assets.with_name(f"{assets.stem}.{number}{assets.suffix}") for number in count(1))
        move_file(assets, target)
    return target


def campaign_of_reports(outputs: Path) -> str | None:
    """The campaign whose costs are in the output folder; None where no `costs.json` says it."""
    try:
        said = json.loads(read_regular(outputs / COSTS_JSON, LARGEST_COSTS))
    except (OSError, ValueError, RecursionError):
        return None
    campaign = said.get("campaign") if isinstance(said, dict) else None
    return campaign if isinstance(campaign, str) else None


def written_by_others(outputs: Path) -> Iterator[Path]:
    """Files in the places of the reports on costs that mjpipe did not write. Raises OSError.

    A `costs.csv` that somebody has saved from a spreadsheet is still ours.
    """
    if _is_file(outputs / COSTS_JSON) and campaign_of_reports(outputs) is None:
        yield outputs / COSTS_JSON
    if _is_file(outputs / COSTS_CSV):
        with open_regular(outputs / COSTS_CSV) as file:
            if not _FIRST_COLUMNS.match(file.read(_LONGEST_START)):
                yield outputs / COSTS_CSV


def _is_file(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0
