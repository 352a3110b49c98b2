"""Which of the attempts that a ledger does not know a plan asks for."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from functools import cache

from mjpipe.campaign.evidence import Evidence, completed
from mjpipe.campaign.gate.former_fingerprints import FormerFingerprints
from mjpipe.campaign.opened import FirstNames
from mjpipe.contract import Mode
from mjpipe.domain import IN_FLIGHT, Fingerprint, Job, JobKey, JobState, Standing, TaskId
from mjpipe.ledger import Reader
from mjpipe.ledger.receipts import RecordedAttempt
from mjpipe.manifest import Node

_KEPT = IN_FLIGHT | {JobState.DONE, JobState.IN_DOUBT}
"""States of jobs that a run does not buy."""


def is_bought(standing: Standing) -> bool:
    """Whether a run would submit the job, now or when what it waits for has come."""
    return standing.state not in _KEPT and not standing.images_gone


def other_names(
    name: str, node: Node, first: str, recorded: Mapping[str, str], made: Mapping[str, Collection[str]]
) -> Sequence[str]:
    """The first names that a node may have for others, without `first`, which it has in the plan.

    `recorded` are first names that they have on record; `made` are the nodes, by their kinds, of which they have made
    something: names may have been swapped.
    """
    names = [recorded.get(former, former) for former in (name, *(node.was or ()))]
    if node.was != ():
        names += [found for other in made.get(node.kind, ()) for found in (recorded.get(other, other), other)]
    return tuple(dict.fromkeys(found for found in names if found != first))


class EvidenceOfPlan:
    """Holds the jobs of a plan against evidence. `see` is given each of them once, a source before what follows.

    A job has an attempt that has its fingerprint, under whatever key, and one of its key of which nobody says what was
    asked for. The fingerprint that it has under the first name of its node once the evidence is adopted counts as well;
    what has its fingerprint under the name of another node, one that is gone from the manifest or that has made nothing
    of this plan, is listed apart.
    """

    def __init__(self, evidence: Evidence, nodes: Mapping[str, Node], ledger: Reader) -> None:
        self._ledger = ledger
        self._own = _Attempts(evidence.attempts)
        self._others = _Attempts(evidence.of_others)
        self._nodes = nodes
        self._names = names = FirstNames(ledger)
        self._recorded_names = evidence.first_names
        self._paid = _nodes_by_mode(evidence.attempts)
        # Before the plan is written, which records names.
        self._first_names = names.of_nodes(nodes)
        self._once_adopted = FirstNames(
            ledger, evidence.first_names, {attempt.node for attempt in evidence.attempts}
        ).of_nodes(nodes)
        made = _nodes_by_mode(evidence.of_others)
        self._of_others = FormerFingerprints(
            self._first_names,
            cache(lambda name: other_names(name, nodes[name], self._first_names[name], evidence.names_of_others, made)),
            with_forms=bool(evidence.of_others),
        )
        self._former_names = cache(self._names_had_by)
        self._former = FormerFingerprints(self._first_names, self._names_to_try, with_forms=bool(evidence.attempts))
        self._made: set[str] = set()
        """Nodes of which something is on record that this plan asks for: they have kept their names."""
        self._renamed: dict[Fingerprint, tuple[str, str]] = {}
        """For jobs of renamed nodes, and for what follows from them: the node, and the name that made it."""
        self._by_renamed: dict[tuple[str, str], dict[int, RecordedAttempt]] = defaultdict(dict)

    def see(self, job: Job, standing: Standing) -> None:
        self._match(job.fingerprint, job, standing)
        if not is_bought(standing) or self._own.with_fingerprint(job.fingerprint):
            self._made.add(job.node)
        for _, found in self._of_others.of(job):
            self._of_others.made_as(job, found)
            if is_bought(standing):
                self._others.match(found, job)
        for name, found in self._former.of(job):
            if name == self._once_adopted[job.node] != self._first_names[job.node]:
                self._former.made_as(job, found)
                self._match(found, job, standing)
                if self._own.with_fingerprint(found):
                    self._made.add(job.node)
            elif made := self._own.with_fingerprint(found):
                self._former.made_as(job, found)
                renamed = self._renamed.get(job.source.fingerprint) if job.source is not None else None
                if name != self._first_names[job.node]:
                    renamed = job.node, name
                if renamed is None:  # it follows from what a node has made under its first name
                    self._own.match(found, job)
                else:
                    self._renamed[job.fingerprint] = renamed
                    self._by_renamed[renamed].update(made)

    def own(self) -> tuple[RecordedAttempt, ...]:
        """Those of the campaign itself that the plan asks for, and what was made from their images or from those that
        the ledger knows: the plan may ask for it as soon as somebody picks.
        """
        return self._own.matched(self._nodes, self._ledger)

    def of_others(self) -> tuple[RecordedAttempt, ...]:
        """Those of other campaigns that a run would buy again."""
        return self._others.matched()

    def of_other_names(self) -> Mapping[tuple[str, str], tuple[RecordedAttempt, ...]]:
        """What nodes ask for, and was made under another name: by these two names."""
        kept = {name for node in self._made for name in self._had(node)}
        present = {name for node in self._nodes for name in self._had(node)}
        return {
            (node, name): tuple(made[number] for number in sorted(made))
            for (node, name), made in self._by_renamed.items()
            if name not in kept and not (node in self._made and name in present)
        }

    def _match(self, asked: Fingerprint, job: Job, standing: Standing) -> None:
        self._own.match(asked, job)
        if is_bought(standing):
            self._others.match(asked, job)

    def _had(self, node: str) -> tuple[str, str]:
        """The first name of a node, for the plan and once the evidence is adopted."""
        return self._first_names[node], self._once_adopted[node]

    def _names_to_try(self, node: str) -> Sequence[str]:
        gone, present = self._former_names(node)
        return gone if node in self._made else (*gone, *present)

    def _names_had_by(self, node: str) -> tuple[Sequence[str], Sequence[str]]:
        """Which first names a node may have: those of nodes that are gone, and those of others."""
        own, recorded = self._first_names[node], self._recorded_names.get(node)
        gone = [self._once_adopted[node]]
        present: list[str] = []
        if self._nodes[node].was != () and not self._names.said_to_be_new(node) and recorded != node:
            for former in self._paid.get(self._nodes[node].kind, ()):
                names = present if former in self._nodes else gone
                names += [self._recorded_names.get(former, former), former]
        return (
            tuple(dict.fromkeys(name for name in gone if name != own)),
            tuple(dict.fromkeys(name for name in present if name != own and name not in gone)),
        )


def _nodes_by_mode(attempts: Sequence[RecordedAttempt]) -> Mapping[str, Collection[str]]:
    """The nodes of attempts by the kinds that their modes belong to."""
    made = {(attempt.node, attempt.mode) for attempt in attempts if attempt.mode}
    kinds: dict[str, list[str]] = defaultdict(list)
    for node, mode in sorted(made, key=str):
        kinds[Mode(str(mode)).facts.kind].append(node)
    return kinds


class _Attempts:
    """Attempts, found by their fingerprints; by their keys where nobody says what was asked for."""

    def __init__(self, attempts: Sequence[RecordedAttempt]) -> None:
        self._attempts = attempts
        self._found: dict[int, RecordedAttempt] = {}
        self._by_fingerprint: dict[Fingerprint, list[int]] = defaultdict(list)
        self._by_key: dict[JobKey, list[int]] = defaultdict(list)
        for number, attempt in enumerate(attempts):
            if attempt.fingerprint is None:
                self._by_key[attempt.key].append(number)
            else:
                self._by_fingerprint[attempt.fingerprint].append(number)

    def with_fingerprint(self, asked: Fingerprint) -> Mapping[int, RecordedAttempt]:
        return {number: self._attempts[number] for number in self._by_fingerprint.get(asked, ())}

    def match(self, asked: Fingerprint, job: Job) -> None:
        for number in self._by_fingerprint.get(asked, ()):
            self._found[number] = self._attempts[number]
        for number in self._by_key.get(job.key, ()):
            self._found[number] = completed(self._attempts[number], job)

    def matched(self, nodes: Collection[str] = (), ledger: Reader | None = None) -> tuple[RecordedAttempt, ...]:
        """In their order, with those that were made for one of the `nodes` and follow from one of them, or from a task
        that the ledger knows.
        """
        if ledger is not None:
            self._add_followers(nodes, ledger)
        return tuple(self._found[number] for number in sorted(self._found))

    def _add_followers(self, nodes: Collection[str], ledger: Reader) -> None:
        from_task: dict[TaskId, list[int]] = defaultdict(list)
        for number, attempt in enumerate(self._attempts):
            if attempt.source is not None and attempt.node in nodes:
                from_task[attempt.source.task].append(number)
        known = from_task.keys() - ledger.tasks.unknown(from_task)
        reached = [*known, *(attempt.task for attempt in self._found.values())]
        while reached:
            task = reached.pop()
            for number in from_task.pop(task, ()) if task is not None else ():
                self._found.setdefault(number, self._attempts[number])
                reached.append(self._attempts[number].task)
