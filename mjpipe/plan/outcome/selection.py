"""Selects a part of a plan: by nodes and their sources or follow-ups, by key, column or state, or as a sample."""

import csv
import io
import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TypeAlias

from mjpipe.domain import Job, JobState, Standing, UsageFault
from mjpipe.manifest import Manifest, did_you_mean, nearest
from mjpipe.plan.outcome.blockers import Chosen
from mjpipe.plan.outcome.columns import value_of

Pair: TypeAlias = tuple[Job, Standing]

_STATE = "state:"


class Selection:
    """Whether a job is selected by any of `texts`. A text may have several terms (`a,b`), which must all match.

    A term is `NODE`, `NODE+` (with the nodes that follow), `+NODE` (with the nodes that lead to it), the key of a job,
    `COLUMN=VALUE` or `state:STATE`; a term with a comma is quoted as in CSV. Raises UsageFault for an unknown node or
    state; for a key or a column that no job has, `require_met` raises it after all jobs were shown.
    """

    def __init__(self, manifest: Manifest, texts: Sequence[str]) -> None:
        self._alternatives = [[_term(manifest, term) for term in _terms(text)] for text in texts]
        self._unmet = [term for terms in self._alternatives for term in terms if isinstance(term, _Key | _Column)]
        self._names: dict[_Key | _Column, set[str]] = {term: set() for term in self._unmet}
        self._planned = False

    def __call__(self, job: Job, standing: Standing) -> bool:
        return any(all(term(job, standing) for term in terms) for terms in self._alternatives)

    def look(self, job: Job) -> None:
        """Checks which keys and columns of the terms a job has; call it for each planned job, selected or not."""
        self._planned = True
        if self._unmet:
            self._unmet = [term for term in self._unmet if not term.is_met_by(job)]
            for term in self._unmet:
                self._names[term].update(term.names_in(job))

    def require_met(self) -> None:
        """Raises UsageFault for a key or a column that no job has, if there are jobs."""
        if self._planned and self._unmet:
            raise self._unmet[0].fault(self._names[self._unmet[0]])


@dataclass(frozen=True, slots=True)
class _Key:
    key: str

    def __call__(self, job: Job, _: Standing) -> bool:
        return job.key == self.key

    def is_met_by(self, job: Job) -> bool:
        return job.key == self.key

    def names_in(self, job: Job) -> Collection[str]:
        return (job.key,)

    def fault(self, keys: Collection[str]) -> UsageFault:
        near = nearest(self.key, keys)
        help_ = f"did you mean `{near}`?" if near else "`mjpipe expand M` prints all keys"
        return UsageFault(f"no job has the key `{self.key}`", help=help_)


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    value: str

    def __call__(self, job: Job, _: Standing) -> bool:
        return value_of(job, self.name) == self.value

    def is_met_by(self, job: Job) -> bool:
        return value_of(job, self.name) is not None

    def names_in(self, job: Job) -> Collection[str]:
        return (*job.labels, *job.row)

    def fault(self, columns: Collection[str]) -> UsageFault:
        return UsageFault(f"no job has a column or label `{self.name}`", help=did_you_mean(self.name, sorted(columns)))


_Term: TypeAlias = "Chosen | _Key | _Column"


def with_sources(text: str) -> str:
    """The same selection with the nodes that lead to those it names.

    A selection by state or key stays as it is, because a job and its source differ in both.
    """
    terms = _terms(text)
    wider = [f"+{term}" if _names_node(term) and not term.startswith("+") else term for term in terms]
    if wider == terms or any(term.startswith(_STATE) or _is_key(term) for term in terms):
        return text
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(wider)
    return line.getvalue()


def _terms(text: str) -> list[str]:
    try:
        (terms,) = csv.reader([text], skipinitialspace=True, strict=True)
    except (csv.Error, ValueError) as fault:
        raise UsageFault(
            f"`{text}` cannot be selected: its quotes are not balanced",
            help="put a term with a comma in double quotes: --select 'hero,\"name=a pot, large\"'",
        ) from fault
    return [term.strip() for term in terms]


def _names_node(term: str) -> bool:
    return "=" not in term and "/" not in term and not term.startswith(_STATE)


def _is_key(term: str) -> bool:
    """Only the single job of a node without rows has the node's name as its key."""
    return "/" in term and "=" not in term and not term.startswith(_STATE)


class Sample:
    """The jobs of `rows` root rows and their follow-ups: the same rows each time, whatever else is planned.

    It takes the rows with the smallest hashes. Sources come before their follow-ups.
    """

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._marks: dict[tuple[str, str], int] = {}
        self._kept: dict[int, list[Pair]] = {}

    def add(self, pair: Pair) -> None:
        job, kept = pair[0], self._kept
        mark = _mark(job) if job.source is None else self._marks[job.source.key, job.source.fingerprint]
        self._marks[job.key, job.fingerprint] = mark
        if mark not in kept and job.source is None and (len(kept) < self._rows or mark < max(kept)):
            kept[mark] = []
            if len(kept) > self._rows:
                del kept[max(kept)]
        if mark in kept:
            kept[mark].append(pair)

    def pairs(self) -> list[Pair]:
        """The sample of all jobs that were added."""
        return [pair for jobs in self._kept.values() for pair in jobs]


def _mark(job: Job) -> int:
    words = json.dumps(dict(job.row), sort_keys=True)
    return int.from_bytes(sha256(words.encode()).digest()[:8], "big")


def _term(manifest: Manifest, term: str) -> _Term:
    if _names_node(term):
        nodes = _nodes(manifest, term)
        return lambda job, _: job.node in nodes
    if _is_key(term):
        return _Key(term)
    if term.startswith(_STATE):
        return _state(term.removeprefix(_STATE))
    column, _, value = term.partition("=")
    return _Column(column, value)


def _state(word: str) -> Chosen:
    if word not in tuple(JobState):
        raise UsageFault(f"`{word}` is not a job state", help=did_you_mean(word, [*JobState]))
    state = JobState(word)
    return lambda _, standing: standing.state is state


def _nodes(manifest: Manifest, term: str) -> set[str]:
    name = term.strip("+")
    if name not in manifest.nodes:
        raise UsageFault(f"there is no node `{name}` to select", help=did_you_mean(name, [*manifest.nodes]))
    before = manifest.graph.before(name) if term.startswith("+") else ()
    after = manifest.graph.after(name) if term.endswith("+") else ()
    return {name, *before, *after}
