"""A replan without a run: what it writes is written at once."""

from collections.abc import Callable
from dataclasses import dataclass

from mjpipe.ledger import Ledger, PlanWritten


@dataclass
class AtOnce:
    ledger: Ledger
    before: Callable[[], None] = lambda: None
    """Happens before each writing, as what a run records meanwhile does."""

    def __call__(self, operation: Callable[[Ledger], PlanWritten]) -> PlanWritten:
        self.before()
        return operation(self.ledger)

    def go_on(self) -> None:
        pass
