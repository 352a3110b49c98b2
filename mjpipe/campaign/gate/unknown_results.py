"""Whether something was paid for that this plan asks for, and that the state does not know."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from mjpipe.campaign.evidence import campaigns_beside
from mjpipe.campaign.gate.evidence_of_plan import EvidenceOfPlan
from mjpipe.campaign.gate.finding import Answer, Finding, Severity, Situation
from mjpipe.campaign.gate.states_of_manifest import StatesOfManifest
from mjpipe.campaign.opened import FirstNames
from mjpipe.domain import Amount, Money, StateFault, counted, decimal_text, dollars, one_line, short_path
from mjpipe.ledger.receipts import RecordedAttempt, RecoveredFrom
from mjpipe.plan import Pair


class UnknownResults:
    """Finds what receipts, the output folder, the picks, or another state of this manifest say was paid for."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._campaign = situation.campaign
        self._of_plan: EvidenceOfPlan | None = None
        nodes = self._campaign.manifest.nodes
        # Before the plan is written, which records names.
        first_names = FirstNames(situation.ledger).of_nodes(nodes)
        self._states = StatesOfManifest(situation.campaign, situation.host, first_names)
        evidence = situation.evidence
        if evidence.attempts or evidence.of_others:
            self._of_plan = EvidenceOfPlan(evidence, nodes, situation.ledger)

    def see(self, pairs: Sequence[Pair]) -> None:
        self._states.see(pairs)
        if self._of_plan is not None:
            for job, standing in pairs:
                self._of_plan.see(job, standing)

    def findings(self) -> Iterator[Finding]:
        if self._situation.damage is not None:
            yield _damaged(self._situation.damage)
            return
        own: tuple[RecordedAttempt, ...] = ()
        renamed: Mapping[tuple[str, str], tuple[RecordedAttempt, ...]] = {}
        found = self._situation.ledger.tasks.unknown_attempts(self._states.attempts())
        if self._of_plan is not None:
            own, found = self._of_plan.own(), [*self._of_plan.of_others(), *found]
            renamed = self._of_plan.of_other_names()
        for (node, former), attempts in renamed.items():
            yield self._of_other_name(node, former, attempts)
        others = self._by_campaign(found)
        together = (*own, *(attempt for attempts in others.values() for attempt in attempts))
        if own:
            yield self._behind(own, together)
        for name, attempts in others.items():
            yield self._of_another(name, attempts, together)
        tasks = {attempt.task for attempts in (own, found, *renamed.values()) for attempt in attempts}
        if self._situation.evidence.in_assets and tasks.isdisjoint(self._situation.evidence.in_assets):
            yield from self._records_beside()

    def of_campaign(self) -> Iterator[Finding]:
        """What this campaign itself has paid for, whether or not the plan asks for it; or what is damaged."""
        if self._situation.damage is not None:
            yield _damaged(self._situation.damage)
        if self._situation.evidence.attempts:
            yield self._behind(self._situation.evidence.attempts, self._situation.evidence.attempts)

    def _behind(self, attempts: tuple[RecordedAttempt, ...], together: Sequence[RecordedAttempt]) -> Finding:
        them, folder = "it" if len(attempts) == 1 else "them", short_path(self._campaign.folder.path)
        if self._situation.ledger.bindings.has_sent():
            state = f"the state in `{folder}` does not know {them}"
        else:
            state = f"this campaign has no state in `{folder}` that knows {them}"
        evidence = f"{self._results(attempts)} in {self._where(attempts)}, and {state}; {_first(attempts)}"
        remedy = f"`mjpipe adopt {self._campaign.typed}` takes {them} over, and nothing is paid again"
        return self._finding(attempts, together, evidence, remedy, Answer.ADOPT)

    def _of_another(
        self, name: str, attempts: tuple[RecordedAttempt, ...], together: Sequence[RecordedAttempt]
    ) -> Finding:
        evidence = (
            f"campaign `{one_line(name)}` has made what this plan asks for: {self._results(attempts)} in "
            f"{self._where(attempts)}; {_first(attempts)}"
        )
        remedy = f"if it is this campaign under its old name, write `was: {one_line(name)}` at the top of the manifest"
        return self._finding(attempts, together, evidence, remedy, Answer.BUY_AGAIN)

    def _of_other_name(self, node: str, name: str, attempts: tuple[RecordedAttempt, ...]) -> Finding:
        if name in self._campaign.manifest.nodes:
            now, remedy = "asks for something else now", "give the nodes their former names back"
        else:
            now, remedy = "is gone from the manifest", f"if it was renamed, say `was: {one_line(name)}` in `{node}`"
        evidence = (
            f"node `{node}` asks for what `{one_line(name)}`, which {now}, has made: "
            f"{self._results(attempts)} in {self._where(attempts)}; {_first(attempts)}"
        )
        remedy += f"; to pay again, say `was: []` in `{node}`"
        return Finding(severity=self._situation.severity, evidence=evidence, remedy=remedy, unknown=attempts)

    def _finding(
        self,
        attempts: tuple[RecordedAttempt, ...],
        together: Sequence[RecordedAttempt],
        evidence: str,
        remedy: str,
        answer: Answer,
    ) -> Finding:
        """`together` are the attempts of all findings that have an answer: --buy-again names what they all cost."""
        if self._campaign.sandbox:  # a run goes on without an answer, and a plan says what it does
            remedy, severity = "nothing was paid for in the sandbox, and a run makes it again", Severity.WARNING
            answer = Answer.NONE
        else:
            usd = decimal_text(Amount.of(attempt.price for attempt in together).usd)
            them = "" if len(together) == len(attempts) else f"for all {len(together):,} results "
            remedy += f"; `mjpipe run {self._campaign.typed} --buy-again {usd}` pays {them}again"
            severity = Severity.ERROR
        return Finding(severity=severity, evidence=evidence, remedy=remedy, unknown=attempts, answer=answer)

    def _results(self, attempts: Sequence[RecordedAttempt]) -> str:
        """`2 paid results ($0.40) and 1 possibly billed attempt ($0.20) are recorded`"""
        made = [attempt for attempt in attempts if attempt.task is not None and attempt.money is not Money.AT_RISK]
        at_risk = [attempt for attempt in attempts if attempt.task is None or attempt.money is Money.AT_RISK]
        result = "result" if self._campaign.sandbox else "paid result"
        parts = [f"{counted(len(made), result)} ({_sum(made)})"] if made else []
        if at_risk:
            parts.append(f"{counted(len(at_risk), 'possibly billed attempt')} ({_sum(at_risk)})")
        return f"{' and '.join(parts)} {'is' if len(attempts) == 1 else 'are'} recorded"

    def _by_campaign(self, attempts: Sequence[RecordedAttempt]) -> Mapping[str, tuple[RecordedAttempt, ...]]:
        """Each of them once, though receipts and a state know it. Those of a campaign that has another manifest are
        left out: both make their own.
        """
        found: dict[str, dict[str | None, RecordedAttempt]] = defaultdict(dict)
        for attempt in attempts:
            found[str(attempt.campaign)].setdefault(attempt.task or attempt.uid, attempt)
        others = campaigns_beside(self._campaign.manifest.path) if found else ()
        return {name: tuple(made.values()) for name, made in found.items() if name not in others}

    def _records_beside(self) -> Iterator[Finding]:
        """An `assets.jsonl` that lists what the ledger does not know, whether or not the plan asks for it: the reports
        of a run would replace it.
        """
        from mjpipe.report import foreign_records  # noqa: PLC0415 - only where there is such a file

        foreign = foreign_records(self._campaign.manifest.outputs.dir, self._situation.ledger)
        if foreign is not None:
            yield Finding(severity=self._situation.severity, evidence=foreign.evidence, remedy=foreign.remedy)

    def _where(self, attempts: Sequence[RecordedAttempt]) -> str:
        found = {attempt.found_in for attempt in attempts}
        paths = [*self._situation.evidence.receipts] if RecoveredFrom.RECEIPTS in found else []
        if RecoveredFrom.PICKS in found:
            paths.append(self._campaign.manifest.picks)
        if RecoveredFrom.ASSETS in found:
            listed = self._situation.evidence.in_assets
            of = (listed.get(attempt.task) for attempt in attempts if attempt.task is not None)
            paths += dict.fromkeys(path for path in of if path is not None)
        if RecoveredFrom.STATE in found:
            paths += self._states.folders()
        return " and ".join(f"`{short_path(path)}`" for path in paths)


def _damaged(fault: StateFault) -> Finding:
    return Finding(severity=Severity.STATE, evidence=str(fault), remedy=fault.help or "put the file back")


def _sum(attempts: Sequence[RecordedAttempt]) -> str:
    """`$0.40`, `$0.40 and 3 without a documented price`, `without a documented price`"""
    price = Amount.of(attempt.price for attempt in attempts)
    without = f"{price.unpriced:,} without a documented price"
    if not price.priced:
        return without if price.unpriced > 1 else "without a documented price"
    return f"{dollars(price.usd)} and {without}" if price.unpriced else dollars(price.usd)


def _first(attempts: Sequence[RecordedAttempt]) -> str:
    first = min(attempts, key=lambda attempt: attempt.key)
    task = "" if first.task is None else f", task `{one_line(first.task)}`"
    return f"the first is of `{one_line(first.key)}`{task}"
