"""The names that templates may use, and the help for other names."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from jinja2 import nodes

from mjpipe.manifest import Manifest, did_you_mean, nearest, quoted
from mjpipe.plan.safe_names import BUILT_IN, TAKEN
from mjpipe.plan.templates.jinja.environment import GLOBALS
from mjpipe.plan.templates.jinja.generated_code import undeclared
from mjpipe.plan.templates.syntax.members import members_of

Values: TypeAlias = Mapping[str, Any]
"""What templates see of a row: its cells by column and by variable name, and `SOURCE_KEY` if a template uses it. They
are texts, but for lists and objects of plain values in the columns that a scope calls `nested`.
"""

_VARS = "vars."

_NAMES_SHOWN = 12
"""How many of the known names are shown when none is similar."""

SOURCE_KEY = "\0source.key"
"""Where `Values` hold the key of the source job; no column can have this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The names that templates may use.

    `columns` are the names that `row` has, `source` those that `source` has, none without one. `why_unavailable` has
    the help for names that look like variables and are not. `extra` are the built-ins that only paths have. In some
    rows, the columns and variables in `nested` hold a list or an object.

    Other mistakes may hide what a name stands for: then it is `ambiguous`. They may also hide names: then the scope is
    `incomplete`.
    """

    variables: frozenset[str]
    columns: frozenset[str]
    vars: Mapping[str, str]
    source: frozenset[str] = frozenset()
    why_unavailable: Mapping[str, str] = field(default_factory=dict)
    extra: frozenset[str] = frozenset()
    nested: frozenset[str] = frozenset()
    ambiguous: frozenset[str] = frozenset()
    incomplete: bool = False

    def knows(self, name: str) -> bool:
        built_in = name in ("row", "vars") or (name == "source" and bool(self.source)) or name in self.extra
        return built_in or name in self.variables or self.is_constant(name)

    def may_know(self, name: str) -> bool:
        """Whether an unknown name could be known without another mistake."""
        return name in self.ambiguous or (self.incomplete and name not in TAKEN)

    def is_constant(self, name: str) -> bool:
        """Whether a bare name means one of `vars`."""
        hidden = name in TAKEN or name in self.variables or name in self.why_unavailable
        return name in self.vars and not hidden

    @property
    def names(self) -> list[str]:
        """All that may be meant by a name alone, but for the built-ins that every template knows."""
        return [*sorted(self.variables), *filter(self.is_constant, self.vars), *sorted(self.extra)]


def constants_of(manifest: Manifest) -> Scope:
    """What every template of a manifest may use, in every row."""
    ambiguous = frozenset(part.removeprefix(_VARS) for part in manifest.broken if part.startswith(_VARS))
    return Scope(
        variables=frozenset(),
        columns=frozenset(),
        vars={**dict.fromkeys(sorted(ambiguous), ""), **manifest.vars},
        ambiguous=ambiguous,
        incomplete="vars" in manifest.broken,
    )


def context_of(scope: Scope) -> Callable[[Values], dict[str, Any]]:
    """What Jinja sees: columns win over `vars`, and built-in names over both."""
    constants = {name: value for name, value in scope.vars.items() if scope.is_constant(name)}
    built_in = {**GLOBALS, "vars": scope.vars}
    taken = scope.columns & TAKEN

    def context(values: Values) -> dict[str, Any]:
        if not taken and SOURCE_KEY not in values:
            return {**constants, **values, **built_in, "row": values}
        row = {name: value for name, value in values.items() if name != SOURCE_KEY}
        variables = {name: value for name, value in row.items() if name not in taken}
        source = {"source": {"key": values[SOURCE_KEY]}} if SOURCE_KEY in values else {}
        return {**constants, **variables, **built_in, **source, "row": row}

    return context


def identity(values: Values) -> Values:
    """The values of a row, where a template is rendered for nothing else."""
    return values


def columns_used(tree: nodes.Template, scope: Scope) -> frozenset[str]:
    """The columns that a template can get a value from, by their names in it."""
    used = undeclared(tree)
    members = [name for of, name in members_of(tree) if of == "row"]
    whole = sum(node.name == "row" for node in tree.find_all(nodes.Name)) > len(members)
    if whole or next(tree.find_all(nodes.Include), None) is not None:
        return scope.columns
    return scope.variables.intersection(used).union(members)


def undefined(tree: nodes.Template, scope: Scope) -> Iterator[tuple[str, str, str | None]]:
    """Name, message and help for each name that no row can have."""
    used = undeclared(tree)
    for name in sorted(used):
        if not (scope.knows(name) or scope.may_know(name)):
            yield name, f"`{name}` is not defined here", _advice(name, scope)
    for of, name in members_of(tree):
        if of in used and scope.knows(of) and name not in _members(of, scope) | scope.ambiguous:
            if scope.incomplete and of != "source":
                continue
            later = (of, name) == ("source", "url")
            advice = "it is known only at run time: use it in params" if later else None
            yield name, f"`{of}` has no `{name}` here", advice or _nearest(name, sorted(_members(of, scope)))


def depends_on_broken(tree: nodes.Template, scope: Scope) -> bool:
    """Whether a template uses, or could use, a name that is unknown because of another mistake."""
    if not (scope.incomplete or scope.ambiguous):
        return False
    used = undeclared(tree)
    members = list(members_of(tree))
    whole = sum(node.name in ("row", "vars") for node in tree.find_all(nodes.Name)) > len(members)
    return (
        whole
        or next(tree.find_all(nodes.Include), None) is not None
        or any(name in scope.ambiguous or not scope.knows(name) for name in used)
        or any(name in scope.ambiguous or name not in _members(of, scope) for of, name in members)
    )


def _members(of: str, scope: Scope) -> frozenset[str]:
    return {"row": scope.columns, "vars": frozenset(scope.vars), "source": scope.source}[of]


def _advice(name: str, scope: Scope) -> str | None:
    if name in scope.why_unavailable:
        return scope.why_unavailable[name]
    if name == "source":
        return "only a node with `from` has a source"
    if name in BUILT_IN:
        return f"`{name}` exists only in `outputs.path`"
    return _nearest(name, scope.names)


def _nearest(name: str, names: list[str]) -> str | None:
    """Help for an unknown name: a similar one, or some of the known names."""
    if nearest(name, names) is None and len(names) > _NAMES_SHOWN:
        return f"known names: {quoted(names[:_NAMES_SHOWN])} and {len(names) - _NAMES_SHOWN} more"
    return did_you_mean(name, names)
