"""The rows of a node: those of its inputs, combined."""

from collections.abc import Callable, Iterator, Mapping
from itertools import product, zip_longest
from typing import NamedTuple

from mjpipe.manifest import Node
from mjpipe.plan.inputs.input_row import Cell, InputRow
from mjpipe.plan.inputs.tables import InputTable
from mjpipe.plan.mistakes import Mistakes, Where
from mjpipe.plan.templates.names.scope import Values
from mjpipe.plan.templates.values.value_faults import FormerText


class NodeRow(NamedTuple):
    """A row as a node sees it.

    `cells` are by column, `values` by variable name as well. `key` has the key parts joined by `/`. `parts` are the
    rows of single inputs that it is combined from. `has_former` says that older releases read some values in another
    form.
    """

    cells: Mapping[str, str]
    values: Values
    key: str
    parts: tuple[InputRow, ...]
    has_former: bool = False

    def joined(self, part: InputRow) -> "NodeRow":
        return NodeRow(
            {**self.cells, **part.cells},
            {**self.values, **part.values},
            f"{self.key}/{part.key}" if self.key else part.key,
            (*self.parts, part),
            self.has_former or bool(part.former),
        )

    @property
    def former_values(self) -> Values:
        """The values as older releases read them."""
        former = {name: FormerText(value) for part in self.parts for name, value in part.former.items()}
        return {**self.values, **former}

    def cell(self, column: str) -> Where | None:
        """Where the value of a column comes from."""
        for part in self.parts:
            if column in part.values:
                return Cell(part.table, part.line, part.table.variables.get(column, column))
        return None

    def described(self) -> str:
        """The row in words, for help."""
        if not self.parts:
            return "in its only job"
        first = self.parts[0]
        return f"in the row `{self.key}` ({first.table.described(first.line)})"


NO_ROW = NodeRow({}, {}, "", ())


def node_rows(
    node: Node,
    tables: Mapping[str, InputTable],
    mistakes: Mistakes,
    concerns: Callable[[str], bool] | None = None,
) -> Iterator[NodeRow]:
    """The rows of a node's own inputs: the first input of a product streams, the others sit in memory.

    An input whose intended rows are unknown is left out. A row of the first input of a product is not combined with
    others unless it `concerns` the caller by its key.
    """
    inputs = [tables[name] for name in node.for_each if tables[name].has_rows]
    if not inputs:
        yield NO_ROW
    elif node.zipped:
        yield from _side_by_side(node, inputs, mistakes)
    else:
        for part in inputs[0].rows():
            if concerns is not None and not concerns(part.key):
                continue
            first = NodeRow(part.cells, part.values, part.key, (part,), bool(part.former))
            for others in product(*(table.in_memory for table in inputs[1:])):
                row = first
                for other in others:
                    row = row.joined(other)
                yield row


def combined(source: NodeRow, own: list[NodeRow]) -> Iterator[NodeRow]:
    """The source's row with each of the node's own."""
    for row in own:
        joined = source
        for part in row.parts:
            joined = joined.joined(part)
        yield joined


def _side_by_side(node: Node, inputs: list[InputTable], mistakes: Mistakes) -> Iterator[NodeRow]:
    for number, parts in enumerate(zip_longest(*(table.rows() for table in inputs))):
        if None in parts and any(table.broken for table in inputs):
            return
        if None in parts:
            short = [table.name for table, part in zip(inputs, parts, strict=True) if part is None]
            long = [table.name for table, part in zip(inputs, parts, strict=True) if part is not None]
            mistakes.error(
                node.places.get("for_each", node.place),
                "MJ059",
                f"`zip` needs inputs of equal length: {_listed(short)} ends after row {number}, "
                f"{_listed(long)} goes on",
                help="rows are counted after `where` and `limit`",
            )
            return
        row = NO_ROW
        for part in parts:
            row = row.joined(part)
        yield row


def _listed(names: list[str]) -> str:
    return " and ".join(f"`{name}`" for name in names)
