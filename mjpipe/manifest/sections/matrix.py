"""The rows of a matrix, with `exclude` and `include` as GitHub Actions has them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import product
from math import prod

from mjpipe.domain import Diagnostic, Place, Severity
from mjpipe.manifest.broken_parts import PartMistake
from mjpipe.manifest.document.tree import Entry, Map, Seq
from mjpipe.manifest.model import touches
from mjpipe.manifest.sections.rows import Row, cell, cells, columns_of, maps, unknown_column

MOST_COMBINATIONS = 100_000
"""A matrix is held in memory; three axes of a thousand values would not fit."""

MOST_COMPARISONS = 10_000_000
"""Of combinations with entries of `exclude` and `include`; so many take some seconds."""

_EXCEPTIONS = ("include", "exclude")


def combinations(axes: Mapping[str, Sequence[str]], exclude: Sequence[Row], include: Sequence[Row]) -> tuple[Row, ...]:
    """Every combination of the axes' values, the last axis changing fastest.

    One that has all the values of an entry of `exclude` is left out. An entry of `include` is added to each
    remaining combination in which it overwrites no axis value; if there is none, it becomes a combination of its own,
    after the others. Columns that `include` itself added may be overwritten. All rows have the same columns, empty
    where a row has no value.
    """
    every = [dict(zip(axes, values, strict=True)) for values in product(*axes.values())] if axes else []
    originals = [row for row in every if not any(_has(row, entry) for entry in exclude)]
    widened = [dict(row) for row in originals]
    numbers = _numbers_by_value(originals)
    alone: list[Row] = []
    for entry in include:
        fitting = _fitting(entry, axes, numbers, len(originals))
        for number in fitting:
            widened[number].update(entry)
        if not fitting:
            alone.append(entry)
    columns = dict.fromkeys(column for row in (axes, *widened, *alone) for column in row)
    return tuple({column: row.get(column, "") for column in columns} for row in (*widened, *alone))


def _has(row: Row, entry: Row) -> bool:
    return all(row.get(column) == value for column, value in entry.items())


def _numbers_by_value(rows: Sequence[Row]) -> dict[tuple[str, str], set[int]]:
    """The numbers of the rows with a value in a column: looked up, so that entries are not compared with every row."""
    numbers: dict[tuple[str, str], set[int]] = defaultdict(set)
    for number, row in enumerate(rows):
        for cell_of_row in row.items():
            numbers[cell_of_row].add(number)
    return numbers


def _fitting(
    entry: Row, axes: Mapping[str, Sequence[str]], numbers: Mapping[tuple[str, str], set[int]], rows: int
) -> Collection[int]:
    """The numbers of the combinations in which an entry of `include` overwrites no axis value."""
    wanted = [numbers.get(one, set()) for one in entry.items() if one[0] in axes]
    return set.intersection(*wanted) if wanted else range(rows)


def matrix_rows(matrix: Map) -> tuple[Row, ...]:
    return combinations(_axes(matrix), _entries(matrix, "exclude"), _entries(matrix, "include"))


def _entries(matrix: Map, key: str) -> list[Row]:
    return [cells(row) for row in maps(matrix.get(key))]


def _axes(matrix: Map) -> dict[str, list[str]]:
    return {
        name: [cell(item) for item in entry.value.items]
        for name, entry in matrix.entries.items()
        if isinstance(entry.value, Seq) and name not in _EXCEPTIONS
    }


def matrix_columns(matrix: Map) -> tuple[str, ...]:
    """The axes of a matrix as it is written, right or wrong, and what `include` adds to them."""
    axes = [name for name in matrix.entries if name not in _EXCEPTIONS]
    return tuple(dict.fromkeys([*axes, *columns_of(maps(matrix.get("include")))]))


def matrix_places(matrix: Map) -> dict[tuple[str, str], Place]:
    """Where each value of a column is written first, on its axis or in `include`."""
    places: dict[tuple[str, str], Place] = {}
    for name, entry in matrix.entries.items():
        if isinstance(entry.value, Seq) and name not in _EXCEPTIONS:
            for item in entry.value.items:
                places.setdefault((name, cell(item)), item.place)
    for row in maps(matrix.get("include")):
        for column, entry in row.entries.items():
            places.setdefault((column, cell(entry.value)), entry.shown_at)
    return places


def matrix_mistakes(entry: Entry, matrix: Map, broken: frozenset[str]) -> Iterator[PartMistake]:
    """The mistakes in the matrix of the input `entry`. One without them is small enough to be multiplied out.

    With a `broken` part, combinations are not checked.
    """
    yield from ((f"matrix.{axis}", mistake) for axis, mistake in _values_differ(matrix))
    if not touches(broken, "matrix"):
        yield from (("matrix.exclude", mistake) for mistake in _combination_mistakes(entry, matrix))


def _combination_mistakes(entry: Entry, matrix: Map) -> Iterator[Diagnostic]:
    axes, exclude = _axes(matrix), _entries(matrix, "exclude")
    if (size := prod(len(values) for values in axes.values())) > MOST_COMBINATIONS:
        message = f"the matrix of `{entry.key}` has {size:,} combinations, more than {MOST_COMBINATIONS:,}"
        help_text = "put the rows into a CSV file"
        yield Diagnostic(place=entry.place, code="MJ019", message=message, help=help_text)
        return
    if size * (len(exclude) + len(_entries(matrix, "include"))) > MOST_COMPARISONS:
        message = (
            f"the matrix of `{entry.key}` has too many combinations for so many entries of `exclude` and `include`"
        )
        help_text = f"combinations times entries may be at most {MOST_COMPARISONS:,}: put the rows into a CSV file"
        yield Diagnostic(place=entry.place, code="MJ019", message=message, help=help_text)
        return
    yield from _excluded_axes_exist(entry, matrix, list(axes))
    yield from _exclude_hits(matrix, combinations(axes, [], []) if exclude else ())
    if exclude and not matrix_rows(matrix):
        place = matrix.entries["exclude"].place
        message = f"`exclude` leaves no combination of `{entry.key}`"
        yield Diagnostic(place=place, code="MJ019", message=message)


def _values_differ(matrix: Map) -> Iterator[PartMistake]:
    for axis, values in _axes(matrix).items():
        written = matrix.get(axis)
        seen: set[str] = set()
        for index, item in enumerate(written.items if isinstance(written, Seq) else ()):
            repeated = values[index] in seen
            seen.add(values[index])
            if repeated:
                message = f"axis `{axis}` has `{values[index]}` twice"
                yield axis, Diagnostic(place=item.place, code="MJ019", message=message, help="keep one of them")


def _excluded_axes_exist(entry: Entry, matrix: Map, axes: list[str]) -> Iterator[Diagnostic]:
    for row in maps(matrix.get("exclude")):
        for column, excluded in row.entries.items():
            if column not in axes:
                message = f"the matrix of `{entry.key}` has no axis `{column}`"
                yield unknown_column(excluded.place, message, column, axes)


def _exclude_hits(matrix: Map, every: Sequence[Row]) -> Iterator[Diagnostic]:
    known = every[0].keys() if every else frozenset()
    for row in maps(matrix.get("exclude")):
        values = cells(row)
        if values.keys() <= known and not any(_has(combination, values) for combination in every):
            message = "no combination has these values, so `exclude` leaves nothing out"
            yield Diagnostic(place=row.place, code="MJ019", message=message, severity=Severity.WARNING)
