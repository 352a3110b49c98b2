"""A manifest as values: checked, with defaults merged, each part with its place in the file."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from mjpipe.contract import MODES_OF_KIND, Mode
from mjpipe.domain import Diagnostic, Kind, Place, Usd
from mjpipe.manifest.document.text import Text
from mjpipe.manifest.graph import NodeGraph


def touches(broken: AbstractSet[str], part: str) -> bool:
    """Whether one of the `broken` parts is `part`, contains it or is in it: `params` contains `params.speed`."""
    return part in broken or any(
        part.startswith(f"{other}.") or other.startswith(f"{part}.") for other in broken if other
    )


Param: TypeAlias = "Text | bool | int | float | list[Param] | dict[str, Param]"
"""A param as written: a template, a plain value, or YAML with templates at its leaves. Plain numbers of text params
are `Text` already, with their source text (`8.1`, not 8.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TableInput:
    """Rows from a file (`csv` or `jsonl`) or from the manifest itself (`rows`).

    `path` is absolute, and None for `rows`; then `columns` are those of all rows together, and `row_values` the lists
    and mappings in their cells, by the number of the row and the column. `header` is the line of the header, from 1.
    `key` are the columns that name a row, empty when not given. `delimiter`, `encoding` and `header` are None when not
    given: they are detected. `places` are those of the keys' values, with `key.sku` for each column of `key`.
    `broken` are the parts that have a mistake, such as `where` or `rows.2`: nothing is concluded from them.
    """

    name: str
    place: Place
    path: Path | None
    format: "TableFormat"
    rows: tuple[Mapping[str, str], ...] = ()
    row_places: tuple[Place, ...] = ()
    row_values: Mapping[int, Mapping[str, Any]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    where: Text | None = None
    limit: int | None = None
    delimiter: str | None = None
    encoding: str | None = None
    header: int | None = None
    places: Mapping[str, Place] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()

    def is_broken(self, *parts: str) -> bool:
        """Whether one of these parts has a mistake, so that nothing is known of it."""
        return any(touches(self.broken, part) for part in parts)


class TableFormat(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    ROWS = "rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixInput:
    """Every combination of the axes' values, the last axis fastest, `exclude` and `include` already applied.

    `broken` are the parts that have a mistake, such as `where` or `matrix.style`.
    """

    name: str
    place: Place
    rows: tuple[Mapping[str, str], ...]
    columns: tuple[str, ...]
    where: Text | None = None
    limit: int | None = None
    broken: frozenset[str] = frozenset()
    value_places: Mapping[tuple[str, str], Place] = field(default_factory=dict, repr=False, compare=False)
    """Where each value of a column is written first."""

    def is_broken(self, *parts: str) -> bool:
        """Whether one of these parts has a mistake, so that nothing is known of it."""
        return any(touches(self.broken, part) for part in parts)


Input: TypeAlias = TableInput | MatrixInput


class ChosenImages(StrEnum):
    ALL = "all"
    PICK = "pick"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One node. `params` has the manifest's defaults merged in, for the fields that the kind has.

    `for_each` are input names; `zipped` says that they are walked side by side, not multiplied. `images` is None
    without `from`, and for a reroll. `take` is None when not given (one job, and no `t0` in its key). `place` is that
    of the node's name; `places` are those of its keys' values (`kind`, `images`, `params.prompt`; `from.hero` and
    `for_each.looks` for each name in a list): of the value when it is a scalar, else of the key. A default has its
    place under `params.` as well. `was` are names that the node had; None when not given, empty for a node that is said
    to be new. `broken` are the parts that have a mistake, named as in `places`: nothing
    is concluded from them, and a node that has any makes no jobs.
    """

    name: str
    kind: Kind
    place: Place
    places: Mapping[str, Place]
    params: Mapping[str, Param]
    for_each: tuple[str, ...] = ()
    zipped: bool = False
    sources: tuple[str, ...] = ()
    images: tuple[int, ...] | ChosenImages | None = None
    where: Text | None = None
    take: int | None = None
    labels: Mapping[str, Text] = field(default_factory=dict)
    was: tuple[str, ...] | None = None
    broken: frozenset[str] = frozenset()

    def is_broken(self, part: str) -> bool:
        """Whether a part has a mistake, so that nothing is known of it."""
        return touches(self.broken, part)

    @property
    def mode(self) -> Mode:
        """The mode in which the node's jobs are sent.

        Of a kind with several modes it is the one that `params.mode` names, else the last one for a node that starts
        from another node's images, and the first one for all others.
        """
        modes = MODES_OF_KIND[self.kind]
        stated = self.params.get("mode")
        if isinstance(stated, Text) and stated.source in modes:
            return Mode(stated.source)
        return modes[-1] if self.sources else modes[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`requests_per_second` bounds submit, status and balance together. `task_timeout` is in seconds.

    `budget` is None when the manifest sets none. With `hold_on_gateway_timeout` a job whose submission gets a 504 is
    left in doubt instead of sent again.
    """

    concurrency: int = 8
    requests_per_second: float = 10
    downloads: int = 8
    max_attempts: int = 3
    task_timeout: float = 900
    budget: Usd | None = None
    hold_on_gateway_timeout: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Polling:
    """Seconds that replace the documented poll times."""

    first_after: float
    interval: float


OUTPUT_FOLDERS = "out"
"""The folder beside a manifest in which each campaign has its output folder, if it names no other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """`dir` is absolute; `given` says whether the manifest names it. `path` is None for the default path."""

    dir: Path
    path: Text | None = None
    given: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A checked manifest. `nodes` are in the order of the file.

    `source` is the file's text. `was` are names that the campaign had, the latest first. `price_overrides` maps `KIND`
    or `MODE`, with `/SPEED` and `/hd` behind it or not, to a price; `price_file` is the absolute path of the file that
    they come from, `picks` that of the picks file, `receipts` that of the folder of the receipts, None when none are
    wanted. `broken` are the parts outside inputs and nodes that have a mistake, such as `outputs.path` or `vars.brand`.
    """

    path: Path
    source: str
    campaign: str
    vars: Mapping[str, str]
    inputs: Mapping[str, Input]
    nodes: Mapping[str, Node]
    graph: NodeGraph = field(repr=False)
    limits: Limits
    outputs: Outputs
    picks: Path
    receipts: Path | None
    was: tuple[str, ...] = ()
    polling: Polling | None = None
    price_overrides: Mapping[str, Usd] = field(default_factory=dict)
    price_file: Path | None = None
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """All diagnostics of a manifest, sorted by place, and the manifest as far as it could be read.

    Nodes and inputs know which of their parts are `broken`, so that the others can still be checked. The manifest is
    None when nothing can be read. With an error among the diagnostics it must not be run.
    """

    manifest: Manifest | None
    diagnostics: tuple[Diagnostic, ...]
