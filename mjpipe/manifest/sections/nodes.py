"""Reads the nodes of a manifest."""

from collections.abc import Iterator

from mjpipe.contract import FIELDS_OF_KIND
from mjpipe.domain import Kind
from mjpipe.manifest.document.text import Text
from mjpipe.manifest.document.tree import Entry, Map, Scalar, Seq
from mjpipe.manifest.model import ChosenImages, Node, touches
from mjpipe.manifest.sections.params import params_of

_DEFAULTS = "defaults"


def read_node(written: Entry, usable: Map, defaults: Map, broken: frozenset[str]) -> Node | None:
    """A node as `written`, from the `usable` part of it; None without a kind.

    `broken` are the parts that have a mistake; those of the defaults are named `defaults.speed`. `places` has all keys
    that are written, so that a wrong one does not count as missing.
    """
    own = written.value if isinstance(written.value, Map) else usable
    kind = usable.written("kind")
    if kind is None:
        return None
    params, entries = params_of(Kind(kind), own.map("params"), usable.map("params"), defaults)
    places = {key: entry.shown_at for key, entry in own.entries.items()}
    for key, names in (("from", usable.names("from")), ("for_each", names_of_inputs(usable))):
        places |= {f"{key}.{name.source}": name.place for name in names}
    places |= {f"params.{name}": entry.shown_at for name, entry in entries.items()}
    if "params" in places and not isinstance(own.get("params"), Map):
        # Reported as no mapping: none of the params count as missing.
        places |= {f"params.{field.name}": places["params"] for field in FIELDS_OF_KIND[Kind(kind)]}
    return Node(
        name=written.key,
        kind=Kind(kind),
        place=written.place,
        places=places,
        params=params,
        for_each=tuple(name.source for name in names_of_inputs(usable)),
        zipped="zip" in usable.map("for_each").entries,
        sources=tuple(name.source for name in usable.names("from")),
        images=_images(usable),
        where=usable.text("where"),
        take=usable.integer("take"),
        labels={
            name: entry.value.text
            for name, entry in usable.map("labels").entries.items()
            if isinstance(entry.value, Scalar)
        },
        was=tuple(name.source for name in usable.names("was")) if "was" in usable.entries else None,
        broken=frozenset(_broken(Kind(kind), own.map("params"), broken)),
    )


def _broken(kind: Kind, own: Map, broken: frozenset[str]) -> Iterator[str]:
    """The broken parts of a node, including the broken defaults that it takes."""
    yield from (part for part in broken if not part.startswith(_DEFAULTS))
    for field in FIELDS_OF_KIND[kind]:
        if field.name not in own.entries and touches(broken, f"{_DEFAULTS}.{field.name}"):
            yield f"params.{field.name}"


def names_of_inputs(node: Map) -> tuple[Text, ...]:
    return node.map("for_each").names("zip") or node.names("for_each")


def _images(node: Map) -> tuple[int, ...] | ChosenImages | None:
    value = node.get("images")
    if isinstance(value, Scalar):
        return ChosenImages(value.text.source)
    if isinstance(value, Seq):
        numbers = (item.value for item in value.items if isinstance(item, Scalar))
        return tuple(int(number) for number in numbers if isinstance(number, int | float))
    return None
