"""What a run and a replan beside it, which has a thread of its own, know of each other."""

from collections.abc import Callable
from typing import Protocol, TypeAlias

from mjpipe.ledger import Ledger, PlanWritten


class Abandoned(Exception):
    """Raised in the thread of a replan when the run no longer waits for it."""


class WriteBeside(Protocol):
    """What a replan writes with."""

    def __call__(self, operation: Callable[[Ledger], PlanWritten]) -> PlanWritten:
        """What an operation on the ledger returns, when it is durable."""

    def go_on(self) -> None:
        """To be called now and then. Raises Abandoned when the run does not wait for the plan any more."""


Replan: TypeAlias = Callable[[WriteBeside], bool]
"""Takes over the plan again when a person has picked since it was last called, and says whether it has."""
