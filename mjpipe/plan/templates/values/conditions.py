"""Columns as conditions: the places in a template, and the words that mean no and count as yes."""

from collections.abc import Iterator
from itertools import product
from typing import Any, NamedTuple

from jinja2 import nodes

from mjpipe.manifest import short
from mjpipe.plan.templates.syntax.members import bare_name
from mjpipe.plan.templates.values.value_faults import NAMED, ValueFault, refuse_list, shown

_KEEP_WORDS = frozenset(
    {"trim", "strip", "lower", "upper", "title", "capitalize", "casefold", "string", "default", "d"}
)
"""Filters and methods after which a word still reads as it did."""

_FALSE = {"false": "true", "no": "yes", "0": "1"}
"""What reads as false, and its opposite."""
_TRUE = frozenset(_FALSE.values())

_SPREADSHEETS_FALSE = frozenset({"FALSCH", "FAUX", "FALSO", "ONWAAR", "FAŁSZ"})
"""What spreadsheets in German, French, Spanish or Italian, Dutch and Polish write for FALSE, always in capitals."""
_SPREADSHEETS_TRUE = frozenset({"WAHR", "VRAI", "VERDADERO", "VERO", "VERDADEIRO", "WAAR", "PRAWDA"})

_READ_AS_FALSE = _SPREADSHEETS_FALSE | frozenset(
    "".join(letters) for word in _FALSE for letters in product(*({sign, sign.upper()} for sign in word))
)
"""The words in any case, so that one look-up is enough for nearly every cell."""


class Column(NamedTuple):
    """A column as a condition: `bare`, or with filters behind it that keep its words."""

    name: str
    bare: bool


def columns_as_conditions(tree: nodes.Template) -> dict[int, Column]:
    """The nodes of a syntax tree, by `id`, that ask whether a column is empty.

    The left side of an `or` that is put out is none: it gives the cell, or what follows where that is empty.
    """
    local = _items_of_loops(tree)
    found: dict[int, Column] = {}
    for condition in _conditions(tree):
        for node in _decided_by(condition):
            inner = _unfiltered(node)
            name = bare_name(inner)
            if name is not None and name not in local:
                found[id(node)] = Column(name, inner is node)
    return found


def _conditions(tree: nodes.Template) -> Iterator[nodes.Node]:
    yield from (node.test for node in tree.find_all((nodes.If, nodes.CondExpr)))  # type: ignore[attr-defined]  # both
    yield from (node.test for node in tree.find_all(nodes.For) if node.test is not None)
    yield from (node.node for node in tree.find_all(nodes.Not))
    yield from (node.left for node in tree.find_all(nodes.And))


def _decided_by(condition: nodes.Node) -> Iterator[nodes.Node]:
    """The values that decide a condition."""
    rest = [condition]
    while rest:
        node = rest.pop()
        if isinstance(node, nodes.And | nodes.Or):
            rest += (node.left, node.right)
        elif isinstance(node, nodes.CondExpr):
            rest += filter(None, (node.expr1, node.expr2))
        else:
            yield node


def _unfiltered(node: nodes.Node) -> nodes.Node:
    while True:
        match node:
            case nodes.Filter(name=name, node=nodes.Node() as inner) if name in _KEEP_WORDS:
                node = inner
            case nodes.Call(node=nodes.Getattr(node=nodes.Node() as inner, attr=name)) if name in _KEEP_WORDS:
                node = inner
            case _:
                return node


def _items_of_loops(tree: nodes.Template) -> set[str]:
    """Names that are no columns within a template: the items of loops, and what macros are given."""
    targets = [node.target for node in tree.find_all(nodes.For)]
    arguments = [name for node in tree.find_all((nodes.Macro, nodes.CallBlock)) for name in node.args]  # type: ignore[attr-defined]  # both have
    names = [name for target in targets for name in (target, *target.find_all(nodes.Name))]
    return {name.name for name in (*names, *arguments) if isinstance(name, nodes.Name)}


def not_false(value: Any, name: str, bare: bool) -> Any:  # noqa: FBT001 - generated code calls it
    """The value of a `Column` as a condition; raises ValueFault for a text that reads as false, but would hold."""
    if type(value) is not str or value.strip() not in _READ_AS_FALSE:
        return value
    compare = f"`{NAMED}{_opposite(value.strip())}`, or " if bare else ""
    raise ValueFault(
        "MJ105",
        "as a condition asks only whether there is a text, and this one reads as false",
        value=value,
        help=f"write {compare}`{NAMED} | truth`; or `{NAMED} != ''` if any text counts",
        column=name,
    )


def _opposite(word: str) -> str:
    """The comparison that holds for the opposite of a word that reads as false."""
    if word == "0":
        return " > 0"
    if word in _SPREADSHEETS_FALSE:
        return f" != '{word}'"
    opposite = _FALSE[word.lower()]
    return f" == '{opposite.upper() if word.isupper() else opposite.title() if word.istitle() else opposite}'"


def truth(value: Any) -> bool:
    """What a text says: true, yes or 1; false, no or 0; and what spreadsheets write for them in other languages; a
    blank is false.
    """
    refuse_list(value)
    if isinstance(value, bool):
        return value
    typed = ("" if value is None else str(value)).strip()
    word = typed.lower()
    if word in _TRUE or typed in _SPREADSHEETS_TRUE:
        return True
    if word in _FALSE or typed in _SPREADSHEETS_FALSE or not word:
        return False
    raise ValueFault(
        "MJ108",
        "is neither true nor false",
        value=value,
        help=f"`truth` reads true, yes, 1, false, no, 0 and a blank: for `{short(shown(value))}` write "
        f"`{NAMED} == '{short(shown(value))}'`",
    )
