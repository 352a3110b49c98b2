"""The terms of a selection: nodes, keys, values of columns, and states, as people type them."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Protocol

from mjpipe.domain import Job, JobState, Standing, UsageFault
from mjpipe.manifest import Manifest, did_you_mean, near_names, quoted
from mjpipe.plan.outcome.selection.columns import value_of

_STATE = "state:"

_LISTED = 8
"""Values that help names when none is like the typed one."""


class Term(Protocol):
    """What jobs have to meet."""

    def __call__(self, job: Job, standing: Standing, /) -> bool: ...

    def sees(self, job: Job, /) -> bool:
        """Whether nothing more has to be found out about the term: it names something, or depends on the state. Until
        then it learns from each planned job what could have been meant.
        """

    def fault(self) -> UsageFault:
        """What is said of a term that nothing has met."""

    @property
    def is_unknown(self) -> bool:
        """Whether nothing can meet it, whatever is planned."""


def term_of(manifest: Manifest, text: str) -> Term:
    """`NODE`, `NODE+`, `+NODE`, a key, `COLUMN=VALUE` or `state:STATE`; `*` in names stands for any characters.

    Raises UsageFault for an unknown state.
    """
    text = unicodedata.normalize("NFC", text)
    if names_node(text):
        return _Node(manifest, text)
    if is_key(text):
        return _Key(text)
    if text.startswith(_STATE):
        return StateTerm(text.removeprefix(_STATE))
    column, _, value = text.partition("=")
    return _Column(column, value)


def split(text: str) -> list[str]:
    """The terms of a selection. Raises UsageFault when its quotes are not balanced, and for an empty term: it would
    select everything, and `"$KEY"` is empty in a shell where nothing set it.
    """
    try:
        (terms,) = csv.reader([text], skipinitialspace=True, strict=True)
    except (csv.Error, ValueError) as fault:
        raise UsageFault(
            f"`{text}` cannot be selected: its quotes are not balanced",
            help="put a term with a comma in double quotes: --select 'hero,\"name=a pot, large\"'",
        ) from fault
    terms = [term.strip() for term in terms]
    if not all(terms or [""]):
        raise UsageFault(
            f"`{text}` has an empty term" if text.strip() else "an empty term selects nothing",
            help="a term is NODE, KEY, COLUMN=VALUE or state:STATE; `*` selects all",
        )
    return terms


def with_sources(text: str) -> str:
    """The same selection with the nodes that lead to those it names.

    A selection by state or key stays as it is, because a job and its source differ in both.
    """
    terms = split(text)
    wider = [f"+{term}" if names_node(term) and not term.startswith("+") else term for term in terms]
    if wider == terms or any(term.startswith(_STATE) or is_key(term) for term in terms):
        return text
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(wider)
    return line.getvalue()


def names_node(term: str) -> bool:
    return "=" not in term and "/" not in term and not term.startswith(_STATE)


def is_key(term: str) -> bool:
    """Only the single job of a node without rows has the node's name as its key."""
    return "/" in term and "=" not in term and not term.startswith(_STATE)


class StateTerm:
    """Selects by state. It is met even if no job is in that state now."""

    def __init__(self, word: str) -> None:
        if word not in tuple(JobState):
            raise UsageFault(f"`{word}` is not a job state", help=did_you_mean(word, [*JobState]))
        self._state = JobState(word)

    def __call__(self, _: Job, standing: Standing) -> bool:
        return standing.state is self._state

    def sees(self, _: Job) -> bool:
        return True

    def fault(self) -> UsageFault:
        raise AssertionError("any state may have no jobs")

    is_unknown = False


class _Node:
    def __init__(self, manifest: Manifest, text: str) -> None:
        self._name = text.strip("+")
        self._known = [*manifest.nodes]
        named = [*filter(pattern(self._name), manifest.nodes)]
        before = {other for name in named for other in manifest.graph.before(name)} if text.startswith("+") else set()
        after = {other for name in named for other in manifest.graph.after(name)} if text.endswith("+") else set()
        self.is_unknown = not named
        self._nodes = {*named, *before, *after}
        self._meant: str | None = None

    def __call__(self, job: Job, _: Standing) -> bool:
        return job.node in self._nodes

    def sees(self, job: Job) -> bool:
        if not self.is_unknown:
            return job.node in self._nodes
        if self._meant is None:
            self._meant = next((f"{name}={cell}" for name, cell in job.row.items() if cell == self._name), None)
        return False

    def fault(self) -> UsageFault:
        if not self.is_unknown:
            return UsageFault(f"node `{self._name}` has no jobs in this plan", help="`mjpipe plan M` shows all nodes")
        help_ = f"did you mean `{self._meant}`?" if self._meant else did_you_mean(self._name, self._known)
        return UsageFault(f"there is no node `{self._name}` to select", help=help_)


class _Key:
    is_unknown = False

    def __init__(self, text: str) -> None:
        self._text = text
        self._matches = pattern(text)
        self._keys: list[str] = []

    def __call__(self, job: Job, _: Standing) -> bool:
        return self._matches(job.key)

    def sees(self, job: Job) -> bool:
        if self._matches(job.key):
            return True
        self._keys.append(job.key)
        return False

    def fault(self) -> UsageFault:
        return UsageFault(f"no job has the key `{self._text}`", help=self._help())

    def _help(self) -> str:
        begun = f"{self._text.rstrip('/*')}/"
        if any(key.startswith(begun) for key in self._keys):
            return f"did you mean `{begun}*`?"
        near = near_names(self._text.replace("*", ""), self._keys, most=1)
        return f"did you mean `{near[0]}`?" if near else "`mjpipe expand M` prints all keys"


class _Column:
    is_unknown = False

    def __init__(self, column: str, value: str) -> None:
        self._column = column
        self._value = value
        self._matches = pattern(value)
        self._has_column = False
        self._columns: dict[str, None] = {}
        self._values: dict[str, None] = {}

    def __call__(self, job: Job, _: Standing) -> bool:
        value = value_of(job, self._column)
        return value is not None and self._matches(value)

    def sees(self, job: Job) -> bool:
        value = value_of(job, self._column)
        if value is None:
            if not self._has_column:
                self._columns |= dict.fromkeys((*job.labels, *job.row))
            return False
        self._has_column = True
        self._values[value] = None
        return self._matches(value)

    def fault(self) -> UsageFault:
        if not self._has_column:
            columns = sorted(self._columns)
            return UsageFault(
                f"no job has a column or label `{self._column}`", help=did_you_mean(self._column, columns)
            )
        return UsageFault(f"no job has `{self._value}` in `{self._column}`", help=self._help())

    def _help(self) -> str:
        values = [value for value in self._values if value]
        near = near_names(self._value.replace("*", ""), values, most=1)
        if near:
            return f"did you mean `{self._column}={near[0]}`?"
        more = f", … ({len(values):,} values)" if len(values) > _LISTED else ""
        return f"its values: {quoted(values[:_LISTED])}{more}" if values else "all its cells are empty"


@lru_cache(maxsize=256)
def pattern(text: str) -> Callable[[str], bool]:
    """Whether a name is `text`, in which each `*` stands for any characters; all others stand for themselves."""
    if "*" not in text:
        return text.__eq__
    matches = re.compile(".*".join(map(re.escape, re.split(r"\*+", text))), re.DOTALL).fullmatch
    return lambda name: matches(name) is not None


def is_blind(terms: Iterable[Term]) -> bool:
    """Whether it depends on the state of jobs what they select: then it may be nothing."""
    return any(isinstance(term, StateTerm) for term in terms)
