"""The members of `row`, `vars` and `source` that templates use by a literal name."""

from collections.abc import Iterator

from jinja2 import nodes


def members_of(tree: nodes.Template) -> Iterator[tuple[str, str]]:
    """The members of `row`, `vars` and `source` that a template uses by a literal name."""
    for node in tree.find_all((nodes.Getattr, nodes.Getitem)):
        member = member_of(node)
        if member and not (isinstance(node, nodes.Getattr) and member[1] in ("items", "keys", "values", "get")):
            yield member


def member_of(node: nodes.Node) -> tuple[str, str] | None:
    """`row`, `vars` or `source`, and the member that a node of the syntax tree gets from it."""
    match node:
        case nodes.Getattr(node=nodes.Name(name=("row" | "vars" | "source") as of), attr=str() as name):
            return of, name
        case nodes.Getitem(
            node=nodes.Name(name=("row" | "vars" | "source") as of), arg=nodes.Const(value=str() as name)
        ):
            return of, name
    return None


def bare_name(node: nodes.Node) -> str | None:
    """The name of a variable, or of a member of `row` or `vars`, that a node is; None for anything else."""
    if isinstance(node, nodes.Name):
        return node.name
    member = member_of(node)
    return member[1] if member and member[0] != "source" else None
