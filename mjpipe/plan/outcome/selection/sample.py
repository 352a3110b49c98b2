"""A sample of a plan: the jobs of a few rows of one input."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from heapq import heappop, heappush
from typing import NamedTuple, TypeAlias

from mjpipe.domain import Job, UsageFault
from mjpipe.manifest import Manifest, TableInput, did_you_mean
from mjpipe.plan.inputs.open_inputs import columns_of
from mjpipe.plan.outcome.selection.columns import cell_of
from mjpipe.plan.outcome.selection.selection import Pair


class SampledRow(NamedTuple):
    """The row of an input that a job belongs to; `mark` is a hash of what names it."""

    input: str
    mark: int


RowOf: TypeAlias = "Callable[[Job], SampledRow | bool]"
"""The row that decides about a job; True or False where no row does, and the job is always or never in the sample."""


class Sample:
    """The jobs of `rows` rows of each input that `row_of` names: the same rows each time, whatever else is planned.

    It takes the rows with the smallest hashes among those of the jobs that it is given.
    """

    def __init__(self, rows: int, row_of: RowOf) -> None:
        self._rows = rows
        self._row_of = row_of
        self._always: list[Pair] = []
        self._kept: dict[str, _Rows] = {}

    def add(self, pair: Pair) -> None:
        row = self._row_of(pair[0])
        if isinstance(row, bool):
            self._always += [pair] * row
            return
        if row.input not in self._kept:
            self._kept[row.input] = _Rows(self._rows)
        self._kept[row.input].add(row.mark, pair)

    def pairs(self) -> list[Pair]:
        """The sample of all jobs that were added; those of a row in the order in which they were."""
        return [*self._always, *(pair for rows in self._kept.values() for pair in rows.pairs())]


class _Rows:
    """The pairs of the `most` rows with the smallest marks."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._pairs: dict[int, list[Pair]] = {}
        self._largest_first: list[int] = []
        """the marks, negative, as a heap"""

    def add(self, mark: int, pair: Pair) -> None:
        if mark in self._pairs:
            self._pairs[mark].append(pair)
            return
        if len(self._pairs) == self._most:
            if mark > -self._largest_first[0]:
                return
            del self._pairs[-heappop(self._largest_first)]
        heappush(self._largest_first, -mark)
        self._pairs[mark] = [pair]

    def pairs(self) -> Iterator[Pair]:
        for pairs in self._pairs.values():
            yield from pairs


class SampledInput:
    """Which row of the input `of` a job belongs to.

    Without `of` it is the first input of the first node that has any. A job that is made from no row of it belongs to
    the row of the first of its own inputs. A job without a row is in every sample. With `of`, jobs that are made from
    no row of it are in the sample only as sources of others. Raises UsageFault for an input that no node uses.
    """

    def __init__(self, manifest: Manifest, of: str | None) -> None:
        self._manifest = manifest
        self._is_named = of is not None
        self._of = of or next((name for node in manifest.nodes.values() for name in node.for_each), None)
        self._used = {name: _used_by(manifest, name) for name in manifest.nodes}
        used = {name: None for inputs in self._used.values() for name in inputs}
        if of is not None and of not in used:
            message = f"no node uses the input `{of}`" if of in manifest.inputs else f"there is no input `{of}`"
            raise UsageFault(message, help=did_you_mean(of, [*used]) or "no node has inputs; leave --of out")
        self._names: dict[str, Sequence[str]] = {}

    def __call__(self, job: Job) -> SampledRow | bool:
        used = self._used[job.node]
        if self._of in used:
            used = (self._of, *used)
        elif self._is_named:
            return any(self._of in self._used[name] for name in self._manifest.graph.after(job.node))
        for name in used:
            cells = [cell_of(job, column) for column in self._named_by(name)]
            if None not in cells:
                return SampledRow(name, _mark(cells))
        return True

    def _named_by(self, name: str) -> Sequence[str]:
        """The columns that name a row of an input: those of its key, else all."""
        if name not in self._names:
            source = self._manifest.inputs[name]
            key = source.key if isinstance(source, TableInput) else ()
            self._names[name] = key or columns_of(source, self._manifest)
        return self._names[name]


def _used_by(manifest: Manifest, name: str) -> tuple[str, ...]:
    """The inputs whose rows a node's jobs are made from, those of its sources first."""
    before = manifest.graph.before(name)
    nodes = [*(node for other, node in manifest.nodes.items() if other in before), manifest.nodes[name]]
    inputs: Mapping[str, None] = {used: None for node in nodes for used in node.for_each}
    return tuple(inputs)


def _mark(cells: Sequence[str | None]) -> int:
    return int.from_bytes(sha256(json.dumps(cells).encode()).digest()[:8], "big")
