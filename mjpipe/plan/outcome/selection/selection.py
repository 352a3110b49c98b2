"""Selects a part of a plan: by nodes and their sources or follow-ups, by key, column or state."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from mjpipe.domain import Job, Standing, UsageFault
from mjpipe.manifest import Manifest
from mjpipe.plan.outcome.selection.terms import Term, is_blind, split, term_of

Pair: TypeAlias = tuple[Job, Standing]


class Selection:
    """Whether a job is selected by any of `texts`. A text may have several terms (`a,b`), which must all match.

    A term is `NODE`, `NODE+` (with the nodes that follow), `+NODE` (with the nodes that lead to it), the key of a job,
    `COLUMN=VALUE` or `state:STATE`, and `*` in it stands for any characters; a term with a comma is quoted as in CSV.
    What is wrong with them is known when all jobs were shown to `look`: then `faults` says it.
    """

    def __init__(self, manifest: Manifest, texts: Sequence[str]) -> None:
        self._alternatives: list[_Alternative] = []
        self._unread: list[UsageFault] = []
        for text in texts:
            try:
                self._alternatives.append(_Alternative(text, [term_of(manifest, term) for term in split(text)]))
            except UsageFault as fault:
                self._unread.append(fault)
        self._open = [*self._alternatives]
        self._looked = False

    def __call__(self, job: Job, standing: Standing) -> bool:
        return any(alternative.takes(job, standing) for alternative in self._alternatives)

    @property
    def is_mistaken(self) -> bool:
        """Whether something is wrong with it whatever is planned."""
        return bool(self._unread) or any(alternative.is_unknown for alternative in self._alternatives)

    @property
    def is_blind(self) -> bool:
        """Whether it may select nothing because of where jobs stand."""
        return any(alternative.is_blind for alternative in self._alternatives)

    def look(self, job: Job, standing: Standing) -> None:
        """Checks what of the terms a job meets; call it for each planned job, selected or not."""
        self._looked = True
        if self._open:
            self._open = [alternative for alternative in self._open if not alternative.sees(job, standing)]

    def faults(self) -> list[UsageFault]:
        """What is wrong with the terms: those that cannot be read and, if there are jobs, those that select none."""
        found = [
            *self._unread,
            *(fault for alternative in self._open for fault in alternative.faults() if self._looked),
        ]
        return [*{str(fault): fault for fault in found}.values()]


class _Alternative:
    """Terms that must all match."""

    def __init__(self, text: str, terms: Sequence[Term]) -> None:
        self._text = text
        self._terms = terms
        self._open = [*terms]
        self.is_blind = is_blind(terms)
        self.is_unknown = any(term.is_unknown for term in terms)
        self._has_chosen = self.is_blind

    def takes(self, job: Job, standing: Standing) -> bool:
        return all(term(job, standing) for term in self._terms)

    def sees(self, job: Job, standing: Standing) -> bool:
        """Whether nothing more has to be found out about it."""
        self._open = [term for term in self._open if not term.sees(job)]
        self._has_chosen = self._has_chosen or self.takes(job, standing)
        return self._has_chosen and not self._open

    def faults(self) -> Iterator[UsageFault]:
        for term in self._open:
            yield term.fault()
        if not self._open and not self._has_chosen:
            yield UsageFault(
                f"no job meets all terms of `{self._text}`",
                help="commas mean `and`; for `or`, give the option several times",
            )
