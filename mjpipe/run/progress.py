"""What a run shows while it goes on."""

from collections import Counter
from collections.abc import Mapping
from typing import Protocol

from mjpipe.domain import JobState
from mjpipe.ledger import Balance


class Progress(Protocol):
    """Follows a run. Called often, from the event loop: each method must return at once."""

    def show(self, tally: "Tally") -> None:
        """Something changed."""

    def note(self, text: str) -> None:
        """A person should know this now: one line."""


class Tally:
    """How many jobs each node has in each state, and the money, as the run goes on."""

    def __init__(self, counts: Mapping[tuple[str, JobState], int], balance: Balance, budget_text: str | None) -> None:
        self.counts = Counter(counts)
        self.balance = balance
        self.budget_text = budget_text

    def moved(self, node: str, before: JobState, after: JobState | None) -> None:
        """`after` is None for a job that no longer exists."""
        self.counts[node, before] -= 1
        if after is not None:
            self.counts[node, after] += 1

    def nodes(self) -> list[str]:
        return list(dict.fromkeys(node for node, _ in self.counts))

    def total(self, node: str) -> int:
        return sum(count for (name, _), count in self.counts.items() if name == node)

    def of(self, node: str, *states: JobState) -> int:
        return sum(self.counts[node, state] for state in states)
