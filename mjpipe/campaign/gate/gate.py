"""The gate: all that must hold before a run's first request, as one list of checks."""

from collections.abc import Callable, Sequence

from mjpipe.campaign.gate.copies_of_states import copies_of_states
from mjpipe.campaign.gate.finding import Answer, Check, Finding, PlanCheck, Severity, Situation
from mjpipe.campaign.gate.former_names import former_names
from mjpipe.campaign.gate.network_file_systems import state_on_a_network
from mjpipe.campaign.gate.owner_of_outputs import owner_of_outputs
from mjpipe.campaign.gate.places_of_reports import places_of_reports
from mjpipe.campaign.gate.renamed_nodes import renamed_nodes
from mjpipe.campaign.gate.taken_places import TakenPlaces
from mjpipe.campaign.gate.unknown_results import UnknownResults
from mjpipe.campaign.gate.unusable_folders import unusable_folders
from mjpipe.domain import MjpipeError, StateFault, UsageFault
from mjpipe.ledger.receipts import RecordedAttempt
from mjpipe.plan import Pair

CHECKS: tuple[Check, ...] = (state_on_a_network, copies_of_states, owner_of_outputs, places_of_reports, former_names)
"""Made for `plan` and `validate`, too, where all that they find is a warning."""

PLAN_CHECKS: tuple[Callable[[Situation], PlanCheck], ...] = (UnknownResults, renamed_nodes, TakenPlaces)
"""Likewise; `validate` leaves them out."""

RUN_CHECKS: tuple[Check, ...] = (unusable_folders,)
"""Made before a run alone: about the address, the key, and whether folders can be written."""


class Gate:
    """Makes all checks. `see` is handed all jobs of the plan, then `findings` has what was found.

    With `before_run`, those of `RUN_CHECKS` as well.
    """

    def __init__(self, situation: Situation, *, before_run: bool = False) -> None:
        self.situation = situation
        checks = (*CHECKS, *RUN_CHECKS) if before_run else CHECKS
        self._found = [finding for check in checks for finding in check(situation)]
        self._of_plan = [check(situation) for check in PLAN_CHECKS]

    def see(self, pairs: Sequence[Pair]) -> None:
        """Some jobs of the plan and where they stand."""
        for check in self._of_plan:
            check.see(pairs)

    def findings(self) -> tuple[Finding, ...]:
        """All that was found."""
        return (*self._found, *(finding for check in self._of_plan for finding in check.findings()))


class NeedsAdoption(UsageFault):
    """Nothing stops a run but results that `mjpipe adopt` takes over: the `unknown`."""

    unknown: tuple[RecordedAttempt, ...] = ()


def passed(found: Sequence[Finding]) -> None:
    """Raises one fault for all findings that stop a run: a StateFault if one of them is about the state, NeedsAdoption
    if an adoption answers all of them, else a UsageFault.
    """
    stopping = [finding for finding in found if finding.stops]
    if not stopping:
        return
    if all(finding.answer is Answer.ADOPT for finding in stopping):
        raise _needs_adoption(stopping)
    faults = [_fault(finding) for finding in stopping]
    first = next((fault for fault in faults if isinstance(fault, StateFault)), faults[0])
    first.others = tuple(fault for fault in faults if fault is not first)
    raise first


def _needs_adoption(found: Sequence[Finding]) -> NeedsAdoption:
    first, *others = (NeedsAdoption(finding.evidence, help=finding.remedy) for finding in found)
    first.unknown = tuple(attempt for finding in found for attempt in finding.unknown)
    first.others = tuple(others)
    return first


def _fault(finding: Finding) -> MjpipeError:
    kind: type[MjpipeError] = StateFault if finding.severity is Severity.STATE else UsageFault
    return kind(finding.evidence, help=finding.remedy)
