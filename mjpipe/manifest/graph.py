"""The nodes of a manifest as a graph: the one place that follows `from` from node to node."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx


class NodeGraph:
    """Nodes by their names, with an edge from each source to each node that starts from it.

    `sources` maps each node to the nodes that it starts from, in the order of the file; names that it does not have
    are left out. networkx does the work, and is imported only when there is an edge: its import takes as long as
    a small plan.
    """

    def __init__(self, sources: Mapping[str, Iterable[str]]) -> None:
        self._names = tuple(sources)
        starts = {name: set(starts) for name, starts in sources.items()}
        self.edges = tuple((source, name) for source in sources for name in sources if source in starts[name])
        """Pairs of source and follower, by the source's place in the file and then by the follower's."""
        self._graph = _directed(self._names, self.edges) if self.edges else None

    def circles(self) -> list[tuple[str, ...]]:
        """Circles of nodes that start from each other: from source to follower, beginning with the first in the file.

        A node is in at most one of them: other circles through the same node are not looked for.
        """
        if self._graph is None:
            return []
        import networkx as nx  # noqa: PLC0415 - see the class

        left = self._graph.copy()
        found = []
        while not nx.is_directed_acyclic_graph(left):
            circle = tuple(source for source, _ in nx.find_cycle(left))
            first = min(range(len(circle)), key=lambda at: self._names.index(circle[at]))
            found.append(circle[first:] + circle[:first])
            left.remove_nodes_from(circle)
        return found

    def order(self) -> tuple[str, ...]:
        """The names, sources before what starts from them, otherwise in the order of the file. There is no circle."""
        if self._graph is None:
            return self._names
        import networkx as nx  # noqa: PLC0415 - see the class

        places = {name: place for place, name in enumerate(self._names)}
        return tuple(nx.lexicographical_topological_sort(self._graph, key=places.__getitem__))

    def longest_path(self, seconds: Mapping[str, float]) -> float:
        """The time of the longest chain of nodes, by the `seconds` of each; 0 for a node without."""
        if self._graph is None:
            return max((seconds.get(name, 0.0) for name in self._names), default=0.0)
        import networkx as nx  # noqa: PLC0415 - see the class

        # networkx weighs edges, not nodes: each edge has the time of its follower, and an extra edge leads to every
        # node, from a name that no node has.
        weighted: nx.DiGraph[str] = nx.DiGraph()
        entries = [("", name) for name in self._names]
        for source, name in [*entries, *self.edges]:
            weighted.add_edge(source, name, seconds=seconds.get(name, 0.0))
        return float(nx.dag_longest_path_length(weighted, weight="seconds"))

    def before(self, name: str) -> frozenset[str]:
        """All nodes that lead to `name`, without it."""
        if self._graph is None:
            return frozenset()
        import networkx as nx  # noqa: PLC0415 - see the class

        return frozenset(nx.ancestors(self._graph, name))

    def after(self, name: str) -> frozenset[str]:
        """All nodes that follow from `name`, without it."""
        if self._graph is None:
            return frozenset()
        import networkx as nx  # noqa: PLC0415 - see the class

        return frozenset(nx.descendants(self._graph, name))


def _directed(names: Sequence[str], edges: Iterable[tuple[str, str]]) -> "nx.DiGraph[str]":
    import networkx as nx  # noqa: PLC0415 - see NodeGraph

    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(names)
    graph.add_edges_from(edges)
    return graph
