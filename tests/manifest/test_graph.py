"""The nodes as a graph, held against the plainest way to say the same."""

import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from mjpipe.manifest import NodeGraph

NAMES = "abcdefg"
SOURCES = st.fixed_dictionaries({name: st.lists(st.sampled_from(NAMES), max_size=2) for name in NAMES})


def without_circles(sources: dict[str, list[str]]) -> dict[str, list[str]]:
    """Each node starts from such as have a greater name, so that sources often stand behind their followers."""
    return {name: [source for source in sources[name] if source > name] for name in NAMES}


def paths_to(name: str, sources: dict[str, list[str]]) -> Iterator[list[str]]:
    yield [name]
    for source in sources[name]:
        yield from ([*path, name] for path in paths_to(source, sources))


@given(SOURCES.map(without_circles))
def test_sources_come_first_and_else_the_order_of_the_file_holds(sources: dict[str, list[str]]) -> None:
    left = list(NAMES)
    expected = []
    while left:
        expected.append(next(name for name in left if not set(sources[name]) & set(left)))
        left.remove(expected[-1])
    assert NodeGraph(sources).order() == tuple(expected)


@given(SOURCES.map(without_circles), st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, st.integers(0, 100))))
def test_the_longest_path_takes_longer_than_every_other(sources: dict[str, list[str]], times: dict[str, int]) -> None:
    paths = [path for name in NAMES for path in paths_to(name, sources)]
    seconds = {name: float(time) for name, time in times.items()}
    expected = max(sum(times.get(name, 0) for name in path) for path in paths)
    assert NodeGraph(sources).longest_path(seconds) == expected


@given(SOURCES.map(without_circles))
def test_what_leads_to_a_node_and_what_follows_from_it(sources: dict[str, list[str]]) -> None:
    graph = NodeGraph(sources)
    leads = {name: {step for path in paths_to(name, sources) for step in path} - {name} for name in NAMES}
    assert {name: set(graph.before(name)) for name in NAMES} == leads
    assert {name: set(graph.after(name)) for name in NAMES} == {
        name: {other for other in NAMES if name in leads[other]} for name in NAMES
    }


@given(SOURCES)
def test_circles_are_named_from_source_to_follower_until_none_is_left(sources: dict[str, list[str]]) -> None:
    circles = NodeGraph(sources).circles()
    for circle in circles:
        assert circle[0] == min(circle, key=list(sources).index)
        assert all(source in sources[name] for source, name in pairwise((*circle, circle[0])))
    named = [name for circle in circles for name in circle]
    assert len(named) == len(set(named))
    left = {name: [source for source in sources[name] if source not in named] for name in NAMES if name not in named}
    assert NodeGraph(left).circles() == []


def test_a_node_may_start_from_itself() -> None:
    assert NodeGraph({"a": [], "b": ["a", "b"]}).circles() == [("b",)]


def test_edges_are_in_the_order_of_the_file_and_lead_to_names_that_are_there() -> None:
    graph = NodeGraph({"late": ["early", "hero"], "hero": [], "early": ["hero", "hero", "gone"]})
    assert graph.edges == (("hero", "late"), ("hero", "early"), ("early", "late"))


def test_nodes_without_edges_do_not_load_networkx() -> None:
    code = """
import sys
from mjpipe.manifest import NodeGraph
graph = NodeGraph({"a": [], "b": []})
assert (graph.circles(), graph.order(), graph.longest_path({"b": 2.0})) == ([], ("a", "b"), 2.0)
assert (graph.before("a"), graph.after("a"), graph.edges) == (frozenset(), frozenset(), ())
sys.exit("networkx" in sys.modules)
"""
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
