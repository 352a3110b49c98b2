"""The variables that the rows of a node have, from its own inputs and from the nodes that it starts from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mjpipe.manifest import Node, quoted
from mjpipe.plan.findings import Findings
from mjpipe.plan.inputs.tables import Table, lacking
from mjpipe.plan.templates.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """`names` are variables, `columns` all that `row` knows. `lacking` says why other names are none.

    Other mistakes may leave it unknown what the `blurred` of them are in a row, and, where the variables are `open`,
    which others there are.
    """

    names: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    lacking: Mapping[str, str] = field(default_factory=dict)
    blurred: frozenset[str] = frozenset()
    open: bool = False

    @classmethod
    def of(cls, node: Node, tables: Sequence[Table], sources: Sequence["Variables"], findings: Findings) -> "Variables":
        """Those of a node: what all its sources have, and the columns of its inputs."""
        certain = [source for source in sources if not source.open] or sources
        names, columns = _shared([s.names for s in certain]), _shared([s.columns for s in certain])
        missing = {name: _lacking_in(name, node.sources, sources) for name in _any(s.names for s in certain) - names}
        blurred = _any(s.blurred for s in sources)
        blurred |= _any((names | columns) - (s.names | s.columns) for s in sources)
        for table in tables:
            own = frozenset(table.named_columns).union(table.variables)
            repeated = sorted(columns & own)
            if repeated:
                findings.error(
                    node.places.get("for_each", node.place),
                    "MJ058",
                    f"node `{node.name}` would have {quoted(repeated)} twice: `{table.name}` has it too",
                    help="rename the column in one of the inputs",
                )
                blurred = blurred.union(repeated)
            blurred = blurred.union(table.blurred if table.has_rows else own)
            names = names.union(table.variables)
            columns |= own
            missing |= lacking(table.columns)
        for source in sources:
            missing = {**source.lacking, **missing}
        lost = node.doubts("for_each") or (node.doubts("from") and not sources)
        return cls(
            names=names,
            columns=columns,
            lacking=missing,
            blurred=blurred,
            open=lost or any(table.open for table in tables) or (bool(sources) and all(s.open for s in sources)),
        )

    def scope(self, constants: Scope, *, source: frozenset[str], blurred: frozenset[str]) -> Scope:
        """What a node's templates may use, `constants` among it; of `blurred` it is unknown what it will be."""
        return replace(
            constants,
            variables=self.names,
            columns=self.columns,
            source=source,
            lacking=self.lacking,
            blurred=constants.blurred - self.names | self.blurred | blurred,
            open=constants.open or self.open,
        )


def _shared(sets: Sequence[frozenset[str]]) -> frozenset[str]:
    return frozenset.intersection(*sets) if sets else frozenset()


def _any(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _lacking_in(name: str, sources: Sequence[str], variables: Sequence[Variables]) -> str:
    without = [source for source, known in zip(sources, variables, strict=True) if name not in known.names]
    return f"the jobs of {quoted(without)} have no `{name}`"
