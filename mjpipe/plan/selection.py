"""Choosing a part of a plan: by node, by what leads to it or follows from it, by column, by state, by sample."""

import heapq
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256

from mjpipe.domain import Job, JobState, Standing, UsageFault
from mjpipe.manifest import Manifest, did_you_mean
from mjpipe.plan.graph import node_graph
from mjpipe.plan.names import identifier

Chosen = Callable[[Job, Standing], bool]
Pair = tuple[Job, Standing]


def selection(manifest: Manifest, texts: Sequence[str]) -> Chosen:
    """Whether a job is chosen by any of `texts`, each of which may hold several terms, all to be met (`a,b`).

    A term is `NODE`, `NODE+` (and what follows from it), `+NODE` (and what leads to it), `COLUMN=VALUE` or
    `state:STATE`. Raises UsageFault for a term that names nothing.
    """
    alternatives = [[_term(manifest, term.strip()) for term in text.split(",")] for text in texts]
    return lambda job, standing: any(all(term(job, standing) for term in terms) for terms in alternatives)


def sampled(pairs: Iterable[Pair], rows: int) -> list[Pair]:
    """The jobs of `rows` root rows: the same rows each time, whatever else is planned."""
    kept: list[tuple[int, int, list[Pair]]] = []  # a heap with the row on top that is the first to go
    for order, (mark, jobs) in enumerate(_by_root_row(pairs)):
        heapq.heappush(kept, (-mark, order, jobs))
        if len(kept) > rows:
            heapq.heappop(kept)
    return [pair for _, _, jobs in sorted(kept, key=lambda entry: entry[1]) for pair in jobs]


def _by_root_row(pairs: Iterable[Pair]) -> Iterator[tuple[int, list[Pair]]]:
    jobs: list[Pair] = []
    mark = 0
    for job, standing in pairs:
        if job.depth == 0:
            if jobs:
                yield mark, jobs
            jobs = []
            words = json.dumps([job.node, dict(job.row)], sort_keys=True)
            mark = int.from_bytes(sha256(words.encode()).digest()[:8], "big")
        jobs.append((job, standing))
    if jobs:
        yield mark, jobs


def _term(manifest: Manifest, term: str) -> Chosen:
    if term.startswith("state:"):
        return _state(term.removeprefix("state:"))
    column, equals, value = term.partition("=")
    if equals:
        return lambda job, _: _cell(job, column) == value
    nodes = _nodes(manifest, term)
    return lambda job, _: job.node in nodes


def _state(word: str) -> Chosen:
    if word not in tuple(JobState):
        raise UsageFault(f"`{word}` is no state of a job", help=did_you_mean(word, [*JobState]))
    state = JobState(word)
    return lambda _, standing: standing.state is state


def _cell(job: Job, column: str) -> str | None:
    for cells in (job.labels, job.row):
        if column in cells:
            return cells[column]
    return next((value for name, value in job.row.items() if identifier(name) == column), None)


def _nodes(manifest: Manifest, term: str) -> set[str]:
    name = term.strip("+")
    if name not in manifest.nodes:
        raise UsageFault(f"there is no node `{name}` to select", help=did_you_mean(name, [*manifest.nodes]))
    import networkx as nx  # noqa: PLC0415 - slow, and only for this

    graph = node_graph(manifest)
    before = nx.ancestors(graph, name) if term.startswith("+") else set()
    after = nx.descendants(graph, name) if term.endswith("+") else set()
    return {name, *before, *after}
