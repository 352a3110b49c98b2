"""Rows of several inputs, combined."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product, zip_longest

from mjpipe.manifest import Node
from mjpipe.plan.findings import Findings, Where
from mjpipe.plan.inputs.tables import Cell, Row, Table
from mjpipe.plan.templates.scope import Values


@dataclass(frozen=True, slots=True)
class Binding:
    """What one row of a node binds: `cells` by column, `values` by variable name as well, the key parts joined by
    `/`, and the inputs' rows that it is made of.
    """

    cells: Mapping[str, str]
    values: Values
    key: str
    rows: tuple[Row, ...]

    def joined(self, row: Row) -> "Binding":
        return Binding(
            {**self.cells, **row.cells},
            {**self.values, **row.values},
            f"{self.key}/{row.key}" if self.key else row.key,
            (*self.rows, row),
        )

    def cell(self, column: str) -> Where | None:
        """Where the value of a column comes from."""
        for row in self.rows:
            if column in row.values:
                return Cell(row.table, row.line, row.table.variables.get(column, column))
        return None

    def told(self) -> str:
        """The row in words, for help."""
        if not self.rows:
            return "in its only job"
        return f"in the row `{self.key}` ({self.rows[0].table.told(self.rows[0].line)})"


NOTHING_BOUND = Binding({}, {}, "", ())


def bindings(node: Node, tables: Mapping[str, Table], findings: Findings) -> Iterator[Binding]:
    """The rows of a node's own inputs: the first input of a product streams, the others sit in memory.

    An input of which it is unknown which rows were meant binds nothing.
    """
    inputs = [tables[name] for name in node.for_each if tables[name].has_rows]
    if not inputs:
        yield NOTHING_BOUND
    elif node.zipped:
        yield from _side_by_side(node, inputs, findings)
    else:
        for row in inputs[0].rows():
            first = Binding(row.cells, row.values, row.key, (row,))
            for rest in product(*(table.in_memory for table in inputs[1:])):
                binding = first
                for other in rest:
                    binding = binding.joined(other)
                yield binding


def combined(source: Binding, own: list[Binding]) -> Iterator[Binding]:
    """The source's binding with each of the node's own."""
    for binding in own:
        joined = source
        for row in binding.rows:
            joined = joined.joined(row)
        yield joined


def _side_by_side(node: Node, inputs: list[Table], findings: Findings) -> Iterator[Binding]:
    for number, rows in enumerate(zip_longest(*(table.rows() for table in inputs))):
        if None in rows and any(table.broken for table in inputs):
            return
        if None in rows:
            short = [table.name for table, row in zip(inputs, rows, strict=True) if row is None]
            long = [table.name for table, row in zip(inputs, rows, strict=True) if row is not None]
            findings.error(
                node.places.get("for_each", node.place),
                "MJ059",
                f"`zip` wants inputs of equal length: {_listed(short)} ends after row {number}, "
                f"{_listed(long)} goes on",
                help="the rows are counted behind `where` and `limit`",
            )
            return
        binding = NOTHING_BOUND
        for row in rows:
            binding = binding.joined(row)
        yield binding


def _listed(names: list[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)
