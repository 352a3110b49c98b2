"""The words for states, jobs and money: the same in the digest, the status and the summaries."""

from collections.abc import Mapping

from mjpipe.domain import Amount, JobState, counted
from mjpipe.ledger.receipts import RecoveredFrom
from mjpipe.report.totals.costs import Costs
from mjpipe.report.totals.groups import Group


def title(campaign: str, *, sandbox: bool) -> str:
    return f"{campaign} (sandbox: play money)" if sandbox else campaign


def state_word(state: JobState) -> str:
    """As the plan says it too."""
    return "waiting for picks" if state is JobState.UNPICKED else state.replace("_", " ")


def done_of_all(jobs: Mapping[JobState, int]) -> str:
    """`88/100`"""
    return f"{jobs.get(JobState.DONE, 0):,}/{sum(jobs.values()):,}"


def not_done(jobs: Mapping[JobState, int]) -> str:
    """`8 ready, 4 failed`: the states other than done, in the order of a job's life."""
    return ", ".join(
        f"{jobs[state]:,} {state_word(state)}" for state in JobState if state is not JobState.DONE and jobs.get(state)
    )


def group_row(name: str, group: Group) -> tuple[str, str, str, str]:
    """Of some jobs: name, how many are done, what was spent, and where the others stand."""
    return name, done_of_all(group.jobs), str(group.spent), not_done(group.jobs)


def orphan_rows(costs: Costs) -> list[tuple[str, str, str, str]]:
    """The line of the orphans below those of the nodes, when there are any."""
    if not costs.orphans.total:
        return []
    return [("orphans", f"{costs.orphans.total:,}", str(costs.orphans.spent), "no longer in the manifest")]


def money_rows(costs: Costs) -> list[tuple[str, str, str]]:
    """Name, amount and remark of each kind of money. Reserved and reused money are left out where there is none."""
    unpicked = costs.wanted.jobs[JobState.UNPICKED]
    lines = [
        money_row(
            "planned", costs.wanted.planned, f"without {unpicked:,} {state_word(JobState.UNPICKED)}" if unpicked else ""
        ),
        money_row("spent", costs.spent, *_spent_on(costs)),
    ]
    if costs.reserved.count:
        lines.append(money_row("reserved", costs.reserved, f"for {counted(costs.reserved.count, 'task')} in progress"))
    lines.append(
        money_row("at risk", costs.at_risk, "possibly billed (failed or lost answers)" if costs.at_risk.count else "")
    )
    if costs.reused is not None:
        lines.append(
            money_row("reused", costs.reused, "paid before the last run, not paid again" if costs.reused.count else "")
        )
    if costs.adopted:
        lines.append(money_row("adopted", sum(costs.adopted.values(), Amount()), adopted_from(costs.adopted)))
    if costs.set_aside.count:
        lines.append(
            money_row("set aside", costs.set_aside, f"{counted(costs.set_aside.count, 'attempt')}, by --buy-again")
        )
    return lines


def adopted_from(amounts: Mapping[RecoveredFrom, Amount]) -> str:
    """`88 attempts from receipts, 2 from picks`"""
    first, *others = [(amount.count, RECORDS[found_in]) for found_in, amount in amounts.items()]
    named = f"{counted(first[0], 'attempt')} from {first[1]}"
    return ", ".join([named, *(f"{count:,} from {records}" for count, records in others)])


RECORDS = {
    RecoveredFrom.RECEIPTS: "receipts",
    RecoveredFrom.ASSETS: "`assets.jsonl`",
    RecoveredFrom.PICKS: "picks",
    RecoveredFrom.STATE: "another state",
}
"""What names attempts of a state that was lost."""


def money_row(name: str, amount: Amount, *remarks: str) -> tuple[str, str, str]:
    """Name, amount, and what there is to say about it."""
    text, besides = amount.parts
    return name, text, ", ".join(remark for remark in (besides, *remarks) if remark)


def _spent_on(costs: Costs) -> list[str]:
    parts = []
    if costs.last_run is not None:
        parts.append(f"{costs.last_run.spent} by the last run")
    if costs.orphans.spent.count:
        parts.append(f"{costs.orphans.spent} for orphans")
    if costs.extras.count:
        parts.append(f"{costs.extras} for {counted(costs.extras.count, 'extra task')}")
    return parts
