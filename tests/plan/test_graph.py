"""The nodes as a graph, held against networkx."""

import subprocess
import sys
from pathlib import Path

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from mjpipe.manifest import Manifest, manifest_from
from mjpipe.plan import in_order, node_graph
from mjpipe.plan.graph import longest_way
from tests.plan.planning import HEAD


def manifest_of(edges: list[tuple[int, int]], count: int) -> Manifest:
    """Nodes that vary each other's images, in the order of their numbers; an edge leads from source to follower."""
    lines = ["nodes:"]
    for number in range(count):
        sources = sorted({f"n{source}" for source, target in edges if target == number})
        if sources:
            lines.append(f"  n{number}: {{kind: vary, from: [{', '.join(sources)}], images: all, params: {{type: 1}}}}")
        else:
            lines.append(f"  n{number}: {{kind: generate, params: {{prompt: a cat}}}}")
    loaded = manifest_from(HEAD + "\n".join(lines), Path("campaign.yaml"))
    assert loaded.manifest is not None
    assert loaded.diagnostics == ()
    return loaded.manifest


COUNT = 7
EDGES = st.lists(
    st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)).filter(lambda edge: edge[0] != edge[1]), max_size=12
)


@settings(deadline=None, max_examples=40)  # each loads a manifest
@given(edges=EDGES, seconds=st.lists(st.integers(0, 100), min_size=COUNT, max_size=COUNT))
def test_order_and_longest_way_are_those_of_the_graph(edges: list[tuple[int, int]], seconds: list[int]) -> None:
    # Numbers are turned round, so that sources often stand behind their followers in the file.
    edges = [(max(edge), min(edge)) for edge in edges]
    manifest = manifest_of(edges, COUNT)
    graph = node_graph(manifest)
    assert set(graph.edges) == {(f"n{source}", f"n{target}") for source, target in edges}
    places = {name: place for place, name in enumerate(manifest.nodes)}
    assert [node.name for node in in_order(manifest)] == list(
        nx.lexicographical_topological_sort(graph, key=places.__getitem__)
    )
    times = {f"n{number}": float(time) for number, time in enumerate(seconds)}
    ways = [sum(times[name] for name in way) for way in _ways(graph)]
    assert longest_way(manifest, times) == max(ways)


def _ways(graph: "nx.DiGraph[str]") -> list[list[str]]:
    ends = [name for name in graph if not graph.out_degree(name)]
    starts = [name for name in graph if not graph.in_degree(name)]
    ways = [[name] for name in graph]
    for start in starts:
        for end in ends:
            ways += nx.all_simple_paths(graph, start, end)
    return ways


def test_planning_does_not_load_networkx() -> None:
    code = "import sys, mjpipe.plan; sys.exit('networkx' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
