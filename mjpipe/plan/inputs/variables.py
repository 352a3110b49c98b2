"""The variables of a node's rows: from its own inputs, and from the nodes that it starts from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mjpipe.manifest import Node, quoted
from mjpipe.plan.inputs.column_names import reached_through_row
from mjpipe.plan.inputs.tables import InputTable
from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.templates.names.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Variables:
    """`names` are variables, `columns` all that `row` knows. `why_unavailable` says why other names are none.

    Other mistakes may hide which value an `ambiguous` name has in a row; they may also hide names, then the variables
    are `incomplete`. In some rows, those that are `nested` hold a list or an object.
    """

    names: frozenset[str] = frozenset()
    columns: frozenset[str] = frozenset()
    why_unavailable: Mapping[str, str] = field(default_factory=dict)
    ambiguous: frozenset[str] = frozenset()
    nested: frozenset[str] = frozenset()
    incomplete: bool = False

    @classmethod
    def of(
        cls, node: Node, tables: Sequence[InputTable], sources: Sequence["Variables"], mistakes: Mistakes
    ) -> "Variables":
        """The variables of a node: those that all its sources have, and the columns of its inputs."""
        certain = [source for source in sources if not source.incomplete] or sources
        names, columns = _shared([s.names for s in certain]), _shared([s.columns for s in certain])
        missing = {name: _missing_in(name, node.sources, sources) for name in _any(s.names for s in certain) - names}
        ambiguous = _any(s.ambiguous for s in sources)
        ambiguous |= _any((names | columns) - (s.names | s.columns) for s in sources)
        for table in tables:
            own = frozenset(table.named_columns).union(table.variables)
            repeated = sorted(columns & own)
            if repeated:
                mistakes.error(
                    node.places.get("for_each", node.place),
                    "MJ058",
                    f"node `{node.name}` gets {quoted(repeated)} twice: `{table.name}` has it too",
                    help="rename the column in one of the inputs",
                )
                ambiguous = ambiguous.union(repeated)
            ambiguous = ambiguous.union(table.ambiguous if table.has_rows else own)
            names = names.union(table.variables)
            columns |= own
            missing |= reached_through_row(table.columns)
        for source in sources:
            missing = {**source.why_unavailable, **missing}
        lost = node.is_broken("for_each") or (node.is_broken("from") and not sources)
        return cls(
            names=names,
            columns=columns,
            why_unavailable=missing,
            ambiguous=ambiguous,
            nested=_any([*(source.nested for source in sources), *(table.nested for table in tables)]),
            incomplete=lost
            or any(table.incomplete for table in tables)
            or (bool(sources) and all(s.incomplete for s in sources)),
        )

    def scope(self, constants: Scope, *, source: frozenset[str], ambiguous: frozenset[str]) -> Scope:
        """The names that a node's templates may use, with `constants`; further ones may be `ambiguous`."""
        return replace(
            constants,
            variables=self.names,
            columns=self.columns,
            source=source,
            why_unavailable=self.why_unavailable,
            nested=self.nested,
            ambiguous=constants.ambiguous - self.names | self.ambiguous | ambiguous,
            incomplete=constants.incomplete or self.incomplete,
        )


def _shared(sets: Sequence[frozenset[str]]) -> frozenset[str]:
    return frozenset.intersection(*sets) if sets else frozenset()


def _any(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _missing_in(name: str, sources: Sequence[str], variables: Sequence[Variables]) -> str:
    without = [source for source, known in zip(sources, variables, strict=True) if name not in known.names]
    return f"the jobs of {quoted(without)} have no `{name}`"
