"""The nodes of a manifest as a graph: their order, and the longest way through them.

Order and longest way, which every plan needs, do without networkx: its import takes as long as a small plan.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from mjpipe.manifest import Manifest, Node

if TYPE_CHECKING:
    import networkx as nx


def node_graph(manifest: Manifest) -> "nx.DiGraph[str]":
    """An edge leads from each node to those that start from it; each node's `kind` is an attribute."""
    import networkx as nx  # noqa: PLC0415 - slow, and most commands need none

    graph: nx.DiGraph[str] = nx.DiGraph()
    for node in manifest.nodes.values():
        graph.add_node(node.name, kind=node.kind)
    for node in manifest.nodes.values():
        graph.add_edges_from((source, node.name) for source in node.sources)
    return graph


def in_order(manifest: Manifest) -> list[Node]:
    """The nodes, sources first, otherwise in the order of the file."""
    placed: dict[str, Node] = {}
    waiting = list(manifest.nodes.values())
    while waiting:
        ready = next(node for node in waiting if placed.keys() >= set(node.sources))
        placed[ready.name] = ready
        waiting.remove(ready)
    return list(placed.values())


def longest_way(manifest: Manifest, seconds: Mapping[str, float]) -> float:
    """The time of the longest chain of nodes, by the `seconds` of each; a node that has none takes none."""
    ends: dict[str, float] = {}
    for node in in_order(manifest):
        ends[node.name] = max((ends[name] for name in node.sources), default=0.0) + seconds.get(node.name, 0.0)
    return max(ends.values(), default=0.0)
