"""Whether a node asks for what was paid for under the name of another one: it was probably renamed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache

from mjpipe.campaign.gate.finding import Finding, Severity, Situation
from mjpipe.campaign.gate.former_fingerprints import FormerFingerprints
from mjpipe.campaign.opened import Campaign, FirstNames
from mjpipe.domain import Amount, Fingerprint, Job, JobState, counted
from mjpipe.ledger import PaidJob, Reader
from mjpipe.plan import Pair

_UNMADE = frozenset({JobState.READY, JobState.WAITING})
_SWAPPING = "names are swapped through a third one, with `was` and a run after each step"
_UNDECIDED = frozenset({JobState.UNPICKED, JobState.SKIPPED})


@dataclass(slots=True)
class _Sum:
    """Jobs that were made, and what they cost."""

    jobs: int = 0
    price: Amount = field(default_factory=Amount)

    def add(self, paid: PaidJob) -> None:
        self.jobs += 1
        self.price += paid.price

    def __str__(self) -> str:
        return f"{counted(self.jobs, 'job')}, {self.price}"


@dataclass(slots=True)
class _Former:
    """What a node asks for and was made under the name `former`: `own` jobs, and those that follow from them."""

    former: str
    own: _Sum = field(default_factory=_Sum)
    followers: _Sum = field(default_factory=_Sum)


def renamed_nodes(situation: Situation) -> "RenamedNodes":
    """The check as the gate makes it."""
    return RenamedNodes(situation.campaign, situation.ledger)


class RenamedNodes:
    """Compares unmade jobs with what was paid for under names whose nodes have made nothing of this plan.

    A node of which one planned job was made keeps its name: its other jobs are compared no further. So a plan of which
    everything was made costs nothing here, and neither does one that adds rows to it.
    """

    def __init__(self, campaign: Campaign, ledger: Reader) -> None:
        self._severity = Severity.WARNING if campaign.sandbox else Severity.ERROR
        self._nodes = campaign.manifest.nodes
        self._paid = ledger.paid_jobs
        self._names = FirstNames(ledger)
        self._made: set[str] = set()
        # Before anything of the plan is written, which would give what was made for it new names.
        self._first_names = self._names.of_nodes(self._nodes)
        self._fingerprints = FormerFingerprints(self._first_names, cache(self._others))
        self._found: dict[tuple[str, str], _Former] = {}
        self._found_of: dict[Fingerprint, _Former] = {}

    def see(self, pairs: Sequence[Pair]) -> None:
        for job, standing in pairs:
            if standing.state in _UNMADE and job.reroll_of is None:
                if job.node not in self._made:
                    self._compare(job)
            elif standing.state not in _UNDECIDED:
                self._made.add(job.node)

    def findings(self) -> Iterator[Finding]:
        still_used = {self._first_names[node] for node in self._made}
        for (node, first), found in self._found.items():
            if node not in self._made and first not in still_used:
                yield self._finding(node, first, found)

    def _compare(self, job: Job) -> None:
        for name, fingerprint in self._fingerprints.of(job):
            paid = self._paid.with_fingerprint(fingerprint)
            if paid is None:
                continue
            self._fingerprints.made_as(job, fingerprint)
            if name == self._first_names[job.node]:
                assert job.source is not None
                found = self._found_of[job.source.fingerprint]
                found.followers.add(paid)
            else:
                found = self._found.setdefault((job.node, name), _Former(paid.node))
                found.own.add(paid)
            self._found_of[job.fingerprint] = found
            return

    def _others(self, node: str) -> Sequence[str]:
        """The first names of all nodes of its kind that were paid for, without its own."""
        if self._nodes[node].was == () or self._names.said_to_be_new(node):
            return ()
        kind = self._nodes[node].kind
        paid = [name for name, kinds in self._names.paid.items() if kind in kinds]
        names = dict.fromkeys([*map(self._names.recorded, paid), *paid])
        return [name for name in names if name != self._first_names[node]]

    def _finding(self, node: str, first: str, found: _Former) -> Finding:
        evidence, remedy = self._words(node, first, found.former)
        followers = f"; what follows from it was paid for, too: {found.followers}" if found.followers.jobs else ""
        return Finding(severity=self._severity, evidence=f"{evidence}: {found.own}{followers}", remedy=remedy)

    def _words(self, node: str, first: str, former: str) -> tuple[str, str]:
        if first == self._names.recorded(node):
            return f"`was` of node `{node}` takes from it what it made and was paid for", f"remove `was` from `{node}`"
        again = f"to pay for it again as a new node, say `was: []` in `{node}`"
        name = former if self._names.recorded(former) == first else first
        if name not in self._nodes:
            return (
                f"node `{node}` asks for what `{name}`, which is gone from the manifest, made and was paid for",
                f"if it was renamed, say `was: {name}` in `{node}`; {again}",
            )
        return (
            f"node `{node}` asks for what `{name}`, which asks for something else now, made and was paid for",
            f"give the nodes their former names back ({_SWAPPING}); {again}",
        )
