"""What a check of the gate finds, and what it may look at."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Protocol, TypeAlias

from mjpipe.campaign.evidence import Evidence, gather
from mjpipe.campaign.opened import Campaign
from mjpipe.domain import StateFault
from mjpipe.ledger import Reader
from mjpipe.ledger.receipts import RecordedAttempt
from mjpipe.plan import Pair


class Severity(Enum):
    """What a finding means for a run."""

    WARNING = "warning"
    ERROR = "error"
    """nothing is sent; exit code 2"""
    STATE = "state"
    """nothing is sent; exit code 9: damage, an empty ledger, permissions"""


class Answer(Enum):
    """Which words on the command line answer a finding, so that the run may begin all the same."""

    NONE = "none"
    ADOPT = "adopt"
    """`run --adopt`, and `run --buy-again USD`"""
    BUY_AGAIN = "buy-again"
    """`run --buy-again USD` alone: what is known may not become this campaign's, or not under these names"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`evidence` is what was found, `remedy` what to type or to do.

    `unknown` are the attempts, possibly paid, whose jobs a run would buy again; `answer` says what lets it.
    """

    severity: Severity
    evidence: str
    remedy: str
    unknown: tuple[RecordedAttempt, ...] = field(default=(), repr=False)
    answer: Answer = Answer.NONE

    @property
    def stops(self) -> bool:
        """Whether a run must not begin."""
        return self.severity is not Severity.WARNING


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What checks look at. `host` is the service that a run would go to; `ledger` is empty if nothing has run yet.

    `evidence` is what is known beside the ledger, gathered once. It is empty where that is not possible; then `damage`
    says why.
    """

    campaign: Campaign
    ledger: Reader
    host: str

    @property
    def severity(self) -> Severity:
        """Of what would cost money: in the sandbox, where nothing is paid for, it stops nobody."""
        return Severity.WARNING if self.campaign.sandbox else Severity.ERROR

    @property
    def evidence(self) -> Evidence:
        return Evidence() if isinstance(self._gathered, StateFault) else self._gathered

    @property
    def damage(self) -> StateFault | None:
        return self._gathered if isinstance(self._gathered, StateFault) else None

    @cached_property
    def _gathered(self) -> Evidence | StateFault:
        try:
            return gather(self.campaign, self.ledger, self.host)
        except StateFault as fault:
            return fault


Check: TypeAlias = Callable[[Situation], Iterator[Finding]]
"""Looks at what is there before the plan."""


class PlanCheck(Protocol):
    """Looks at the whole plan, jobs outside of `--select` too."""

    def see(self, pairs: Sequence[Pair]) -> None:
        """Some jobs of the plan and where they stand; every job is seen once."""

    def findings(self) -> Iterator[Finding]:
        """What was found, once all jobs were seen."""
