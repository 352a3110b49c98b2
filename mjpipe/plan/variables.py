"""The variables that the rows of a node have, from its own inputs and from the nodes that it starts from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from mjpipe.manifest import Node, quoted
from mjpipe.plan.findings import Findings
from mjpipe.plan.scope import Scope
from mjpipe.plan.tables import Table, lacking


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """`names` are variables, `columns` all that `row` knows. `lacking` says why other names are none.

    `known` is False when an input could not be read: then nothing is said about names.
    """

    names: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    lacking: Mapping[str, str] = field(default_factory=dict)
    known: bool = True

    @classmethod
    def of(cls, node: Node, tables: Sequence[Table], sources: Sequence["Variables"], findings: Findings) -> "Variables":
        """Those of a node: what all its sources have, and the columns of its inputs."""
        if not all(table.sound for table in tables) or not all(source.known for source in sources):
            return cls(known=False)
        inherited = _shared([source.names for source in sources])
        missing = {
            name: _lacking_in(name, node.sources, sources) for name in _any(s.names for s in sources) - inherited
        }
        names, columns = inherited, _shared([source.columns for source in sources])
        for table in tables:
            own = frozenset(table.columns).union(table.variables)
            repeated = sorted(columns & own)
            if repeated:
                findings.error(
                    node.places.get("for_each", node.place),
                    "MJ058",
                    f"node `{node.name}` would have {quoted(repeated)} twice: `{table.name}` has it too",
                    help="rename the column in one of the inputs",
                )
            names = names.union(table.variables)
            columns |= own
            missing |= lacking(table.columns)
        for source in sources:
            missing = {**source.lacking, **missing}
        return cls(names=names, columns=columns, lacking=missing)

    def scope(self, constants: Mapping[str, str], *, source: frozenset[str]) -> Scope:
        return Scope(variables=self.names, columns=self.columns, vars=constants, source=source, lacking=self.lacking)


def _shared(sets: Sequence[frozenset[str]]) -> frozenset[str]:
    return frozenset.intersection(*sets) if sets else frozenset()


def _any(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _lacking_in(name: str, sources: Sequence[str], variables: Sequence[Variables]) -> str:
    without = [source for source, known in zip(sources, variables, strict=True) if name not in known.names]
    return f"the jobs of {quoted(without)} have no `{name}`"
