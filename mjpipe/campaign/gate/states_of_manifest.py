"""What states of the same manifest, under other names of the campaign, have made of a plan."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path

from mjpipe.campaign.evidence import StateBeside, attempts_of_state, belongs_to, states_beside
from mjpipe.campaign.gate.evidence_of_plan import is_bought, other_names
from mjpipe.campaign.gate.former_fingerprints import FormerFingerprints
from mjpipe.campaign.opened import Campaign
from mjpipe.domain import Fingerprint
from mjpipe.ledger import Reader
from mjpipe.ledger.receipts import RecordedAttempt
from mjpipe.plan import Pair


class StatesOfManifest:
    """`see` is given the jobs of a plan, in which nodes have these first names. The states are read when the first job
    comes that a run would buy.

    In the sandbox, where nothing is paid for, none is.
    """

    def __init__(self, campaign: Campaign, host: str, first_names: Mapping[str, str]) -> None:
        self._campaign = campaign
        self._host = host
        self._asked: set[Fingerprint] = set()
        self._first_names = first_names
        self._former: dict[StateBeside, FormerFingerprints] = {}

    def see(self, pairs: Sequence[Pair]) -> None:
        bought = [job for job, standing in pairs if is_bought(standing)]
        if bought:
            for state, paid in self._paid.items():
                self._asked.update(paid.intersection(job.fingerprint for job in bought))
                former = self._former[state]
                for job in bought:
                    for _, found in former.of(job):
                        former.made_as(job, found)
                        self._asked.update(paid.intersection((found,)))

    def attempts(self) -> list[RecordedAttempt]:
        """What a run would buy again, as those states have it on record."""
        return [] if not self._asked else [attempt for state in self._paid for attempt in self._asked_of(state)]

    def folders(self) -> Sequence[Path]:
        """Of the states that have some of it."""
        return [state.ledger.parent for state, paid in self._paid.items() if not paid.isdisjoint(self._asked)]

    @cached_property
    def _paid(self) -> dict[StateBeside, frozenset[Fingerprint]]:
        """What each state has paid for."""
        paid: dict[StateBeside, frozenset[Fingerprint]] = {}
        if not self._campaign.sandbox:
            for state in states_beside(self._campaign):
                with state.records() as records:
                    if (
                        records is not None
                        and state.name not in self._campaign.names
                        and belongs_to(state, records, self._campaign.manifest.path)
                        and records.ledger.bindings.get("host") in (None, self._host)
                    ):
                        paid[state] = records.ledger.paid_jobs.fingerprints()
                        self._former[state] = FormerFingerprints(self._first_names, self._names_in(records.ledger))
        return paid

    def _names_in(self, ledger: Reader) -> Callable[[str], Sequence[str]]:
        """The names that the plan's nodes may have in another ledger."""
        nodes, recorded = self._campaign.manifest.nodes, ledger.bindings.first_names()
        made: dict[str, list[str]] = defaultdict(list)
        for name, kinds in ledger.paid_jobs.nodes().items():
            for kind in kinds:
                made[kind].append(name)
        return cache(lambda name: other_names(name, nodes[name], self._first_names[name], recorded, made))

    def _asked_of(self, state: StateBeside) -> list[RecordedAttempt]:
        if self._paid[state].isdisjoint(self._asked):
            return []
        with state.records() as records:
            if records is None:
                return []
            found = attempts_of_state(records, state.name, self._asked)
            return [attempt for attempt in found if not attempt.set_aside]
