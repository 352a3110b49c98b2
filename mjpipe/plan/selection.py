"""Choosing a part of a plan: by node, by what leads to it or follows from it, by column, by state, by sample."""

import json
from collections.abc import Iterable, Sequence
from hashlib import sha256

from mjpipe.domain import Job, JobState, Standing, UsageFault
from mjpipe.manifest import Manifest, did_you_mean
from mjpipe.plan.columns import value_of
from mjpipe.plan.graph import node_graph
from mjpipe.plan.obstacles import Chosen

Pair = tuple[Job, Standing]

_STATE = "state:"


def selection(manifest: Manifest, texts: Sequence[str]) -> Chosen:
    """Whether a job is chosen by any of `texts`, each of which may hold several terms, all to be met (`a,b`).

    A term is `NODE`, `NODE+` (and what follows from it), `+NODE` (and what leads to it), `COLUMN=VALUE` or
    `state:STATE`. Raises UsageFault for a term that names nothing.
    """
    alternatives = [[_term(manifest, term) for term in _terms(text)] for text in texts]
    return lambda job, standing: any(all(term(job, standing) for term in terms) for terms in alternatives)


def with_sources(text: str) -> str:
    """The same selection, widened by all that leads to the nodes it names; one by state as it is, for a job that waits
    and its source do not stand alike.
    """
    terms = _terms(text)
    wider = [f"+{term}" if _names_node(term) and not term.startswith("+") else term for term in terms]
    return text if wider == terms or any(term.startswith(_STATE) for term in terms) else ",".join(wider)


def _terms(text: str) -> list[str]:
    return [term.strip() for term in text.split(",")]


def _names_node(term: str) -> bool:
    return "=" not in term and not term.startswith(_STATE)


def sampled(pairs: Iterable[Pair], rows: int) -> list[Pair]:
    """The jobs of `rows` root rows and what follows from them: the same rows each time, whatever else is planned.

    The rows are those whose hashes are the smallest. Sources come before what follows from them, if not next to it.
    """
    marks: dict[tuple[str, str], int] = {}
    kept: dict[int, list[Pair]] = {}
    for job, standing in pairs:
        mark = _mark(job) if job.source is None else marks[job.source.key, job.source.fingerprint]
        marks[job.key, job.fingerprint] = mark
        if mark not in kept and job.source is None and (len(kept) < rows or mark < max(kept)):
            kept[mark] = []
            if len(kept) > rows:
                del kept[max(kept)]
        if mark in kept:
            kept[mark].append((job, standing))
    return [pair for jobs in kept.values() for pair in jobs]


def _mark(job: Job) -> int:
    words = json.dumps(dict(job.row), sort_keys=True)
    return int.from_bytes(sha256(words.encode()).digest()[:8], "big")


def _term(manifest: Manifest, term: str) -> Chosen:
    if _names_node(term):
        nodes = _nodes(manifest, term)
        return lambda job, _: job.node in nodes
    if term.startswith(_STATE):
        return _state(term.removeprefix(_STATE))
    column, _, value = term.partition("=")
    return lambda job, _: value_of(job, column) == value


def _state(word: str) -> Chosen:
    if word not in tuple(JobState):
        raise UsageFault(f"`{word}` is no state of a job", help=did_you_mean(word, [*JobState]))
    state = JobState(word)
    return lambda _, standing: standing.state is state


def _nodes(manifest: Manifest, term: str) -> set[str]:
    name = term.strip("+")
    if name not in manifest.nodes:
        raise UsageFault(f"there is no node `{name}` to select", help=did_you_mean(name, [*manifest.nodes]))
    import networkx as nx  # noqa: PLC0415 - slow, and only for this

    graph = node_graph(manifest)
    before = nx.ancestors(graph, name) if term.startswith("+") else set()
    after = nx.descendants(graph, name) if term.endswith("+") else set()
    return {name, *before, *after}
