"""Rules for names of nodes and inputs: they exist, `was` names a node that is gone, and no nodes form a circle."""

from collections.abc import Collection, Iterator, Mapping

from mjpipe.domain import Diagnostic, Place
from mjpipe.manifest.broken_parts import PartMistake
from mjpipe.manifest.document.text import Text
from mjpipe.manifest.document.tree import Map
from mjpipe.manifest.model import Node
from mjpipe.manifest.names_in_messages import did_you_mean
from mjpipe.manifest.sections.nodes import names_of_inputs


def unknown_name_mistakes(node: Map, nodes: Collection[str], inputs: Collection[str]) -> Iterator[PartMistake]:
    """For a node as written; `nodes` and `inputs` are all names in the file, right or wrong."""
    wanted = (("from", "node", node.names("from"), nodes), ("for_each", "input", names_of_inputs(node), inputs))
    for key, what, names, known in wanted:
        for name in names:
            if name.source not in known:
                message = f"there is no {what} `{name.source}`"
                yield f"{key}.{name.source}", _mistake(name.place, "MJ021", message, did_you_mean(name.source, known))


def former_name_mistakes(nodes: Map) -> Iterator[tuple[str, Diagnostic]]:
    """Mistakes in `was`, each after its node's name: it names nodes that are gone, and only one node may name each."""
    heirs: dict[str, str] = {}
    for name in nodes.entries:
        for was in nodes.map(name).names("was"):
            if not was.source:
                continue  # reported: it is empty
            if (mistake := _former_name_mistake(name, was, nodes.entries, heirs)) is not None:
                yield name, mistake
            heirs.setdefault(was.source, name)


def _former_name_mistake(name: str, was: Text, nodes: Collection[str], heirs: Mapping[str, str]) -> Diagnostic | None:
    """`heirs` are the nodes that have named each former name already."""
    if was.source in nodes:
        help_text = "`was` is for a renamed node: remove it, or rename the other node"
        return _mistake(was.place, "MJ027", f"there is still a node `{was.source}`", help_text)
    if heirs.get(was.source, name) != name:
        message = f"node `{heirs[was.source]}` also says that it was `{was.source}`"
        return _mistake(was.place, "MJ027", message, "only one of them can have the results that were paid for")
    return None


def circle_mistake(circle: tuple[str, ...], nodes: Mapping[str, Node]) -> Diagnostic:
    place = nodes[circle[0]].places[f"from.{circle[-1]}"]
    if len(circle) == 1:
        return _mistake(place, "MJ022", f"node `{circle[0]}` starts from itself", None)
    way = " → ".join(f"`{name}`" for name in (*circle, circle[0]))
    return _mistake(
        place,
        "MJ022",
        f"nodes start from each other in a circle: {way}",
        "remove one of these `from`, or name another node in it",
    )


def _mistake(place: Place, code: str, message: str, help_text: str | None) -> Diagnostic:
    return Diagnostic(place=place, code=code, message=message, help=help_text)
