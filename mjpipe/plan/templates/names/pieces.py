"""Templates that only put texts and names together: they are rendered without Jinja."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from operator import itemgetter

from jinja2 import nodes

from mjpipe.plan.templates.names.scope import SOURCE_KEY, Scope, Values
from mjpipe.plan.templates.syntax.members import member_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A value that a template puts out unchanged: of `row`, `vars` or `source`, or a built-in name of `path`s."""

    of: str
    name: str


SOURCE_URL_NAME = Name(of="source", name="url")


def pieces_of(tree: nodes.Template, scope: Scope) -> tuple[str | Name, ...] | None:
    """The texts and names of a template that has nothing else; None for other templates, and where a name may hold a
    list.
    """
    outputs = [statement for statement in tree.body if isinstance(statement, nodes.Output)]
    pieces = [_piece(node, scope) for output in outputs for node in output.nodes]
    if len(outputs) < len(tree.body) or None in pieces:
        return None
    return tuple(piece for piece in pieces if piece is not None)


def _piece(node: nodes.Node, scope: Scope) -> str | Name | None:
    match node:
        case nodes.TemplateData(data=text):
            return str(text)
        case nodes.Name(name=name) if name in scope.extra:
            return Name(of="path", name=name)
        case nodes.Name(name=name) if name in scope.variables:
            return None if name in scope.nested else Name(of="row", name=name)
        case nodes.Name(name=name) if scope.is_constant(name):
            return Name(of="vars", name=name)
    match member_of(node):
        case ("row", name) if name in scope.columns - scope.nested:
            return Name(of="row", name=name)
        case ("vars", name) if name in scope.vars:
            return Name(of="vars", name=name)
        case ("source", name) if name in scope.source:
            return Name(of="source", name=name)
    return None


def nested_column(tree: nodes.Template, scope: Scope) -> str | None:
    """The column that a template is, if that may hold a list or an object."""
    pieces = pieces_of(tree, replace(scope, nested=frozenset()))
    match pieces:
        case (Name(of="row", name=name),) if name in scope.nested:
            return name
    return None


def json_of(name: str) -> Callable[[Values], str]:
    """Renders a column for a field that takes JSON: a list or an object as JSON, a text as it is."""

    def render(values: Values) -> str:
        value = values[name]
        return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)

    return render


def with_constants(pieces: tuple[str | Name, ...], constants: Mapping[str, str]) -> tuple[str | Name, ...]:
    """The pieces with `vars` replaced by their texts, and neighbouring texts joined."""
    folded: list[str | Name] = []
    for piece in pieces:
        text = constants[piece.name] if isinstance(piece, Name) and piece.of == "vars" else piece
        if isinstance(text, str) and folded and isinstance(folded[-1], str):
            folded[-1] += text
        else:
            folded.append(text)
    return tuple(folded)


def renderer_of(pieces: tuple[str | Name, ...]) -> Callable[[Values], str]:
    """Renders texts and names without Jinja: the same result, ten times as fast."""
    names = [piece.name if piece.of == "row" else SOURCE_KEY for piece in pieces if isinstance(piece, Name)]
    getter = itemgetter(*names)
    if len(pieces) == 1:
        return getter
    pattern = "".join("%s" if isinstance(piece, Name) else piece.replace("%", "%%") for piece in pieces)
    return lambda values: pattern % getter(values)
