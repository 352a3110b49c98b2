"""Where a campaign stands, counted from the ledger: as text, and as JSON by `schemas/status.schema.json`."""

from collections.abc import Mapping
from dataclasses import dataclass

from mjpipe.contract import RESULT_URL_LIFETIME
from mjpipe.domain import JobState, JsonObject, Usd, counted, decimal_text, dollars, iso, one_line
from mjpipe.ledger import AttemptAtRisk, Balance
from mjpipe.plan import Pick, closed_line
from mjpipe.report.at_risk import at_risk_document, at_risk_row
from mjpipe.report.costs_document import job_counts
from mjpipe.report.digest import title
from mjpipe.report.layout import columns, paragraph
from mjpipe.report.wording import done_of_all, not_done

SCHEMA_VERSION = 1

AT_RISK = 10
"""Attempts at risk that a person is shown; the document has all."""

EXPIRES_SOON = RESULT_URL_LIFETIME - 4 * 60 * 60
"""Seconds after a task's end from which a person is warned of images that are not on disk."""

_HOUR = 60 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """`counts` and `balance` are the ledger's own. `nodes` gives the order in which nodes are shown, and names those
    that may have no jobs; nodes that it does not name come after them. `budget` is None when there is none.
    `stale_picks` are lines of the picks file that were made for earlier tasks of their jobs. `closed_until` is until
    when the service asked to be sent nothing, in seconds since the epoch, None when it did not. `at_risk` are the
    attempts that are possibly billed; `not_fetched` the ages of tasks whose images are not all on disk, the oldest
    first, in seconds.
    """

    campaign: str
    sandbox: bool
    counts: Mapping[tuple[str, JobState], int]
    balance: Balance
    budget: Usd | None = None
    nodes: tuple[str, ...] = ()
    stale_picks: tuple[Pick, ...] = ()
    closed_until: float | None = None
    at_risk: tuple[AttemptAtRisk, ...] = ()
    not_fetched: tuple[float, ...] = ()

    @property
    def jobs(self) -> Mapping[JobState, int]:
        return {state: sum(of_node[state] for of_node in self.by_node.values()) for state in JobState}

    @property
    def by_node(self) -> Mapping[str, Mapping[JobState, int]]:
        """Every state of every node."""
        names = dict.fromkeys((*self.nodes, *sorted({node for node, _ in self.counts})))
        return {node: {state: self.counts.get((node, state), 0) for state in JobState} for node in names}

    @property
    def expiring(self) -> int:
        """How many tasks have images that should be fetched soon."""
        return sum(age > EXPIRES_SOON for age in self.not_fetched)

    @property
    def left(self) -> Usd | None:
        """Of the budget; below zero when it was lowered after the money was spent."""
        return None if self.budget is None else Usd(self.budget - self.balance.committed)


def status_document(status: Status) -> JsonObject:
    balance = status.balance
    return {
        "schema_version": SCHEMA_VERSION,
        "campaign": status.campaign,
        "sandbox": status.sandbox,
        "jobs": job_counts(status.jobs),
        "nodes": {node: {"jobs": job_counts(jobs)} for node, jobs in status.by_node.items()},
        "money": {
            "currency": "USD",
            "spent": decimal_text(balance.spent),
            "reserved": decimal_text(balance.reserved),
            "at_risk": decimal_text(balance.at_risk),
            "unpriced": balance.unpriced,
            "budget": None if status.budget is None else decimal_text(status.budget),
            "left": None if status.left is None else decimal_text(status.left),
        },
        "at_risk": [at_risk_document(attempt) for attempt in status.at_risk],
        "not_fetched": {
            "tasks": len(status.not_fetched),
            "expiring": status.expiring,
            "oldest_hours": round(status.not_fetched[0] / _HOUR, 1) if status.not_fetched else None,
        },
        "stale_picks": [
            {
                "key": pick.key,
                "node": pick.node or None,
                "decision": pick.decision.value,
                "images": list(pick.images),
                "task": pick.task,
                "line": None if pick.place is None else pick.place.line,
            }
            for pick in status.stale_picks
        ],
        "closed_until": iso(status.closed_until),
    }


def status_text(status: Status, width: int, *, typed: str = "M") -> str:
    """A line for each node and the money, in lines of at most `width`. `typed` is the campaign in commands to type."""
    rows = [(node, done_of_all(jobs), not_done(jobs)) for node, jobs in status.by_node.items()]
    if len(rows) > 1:
        rows.append(("all", done_of_all(status.jobs), not_done(status.jobs)))
    blocks = [
        [title(status.campaign, sandbox=status.sandbox), *columns([("", "done", ""), *rows], right=[1], width=width)],
        columns(_money(status), right=[1], width=width),
    ]
    if status.closed_until is not None:
        blocks.append([closed_line(status.closed_until)])
    if status.at_risk:
        shown = columns([at_risk_row(attempt) for attempt in status.at_risk[:AT_RISK]], right=[2], width=width)
        more = len(status.at_risk) - AT_RISK
        rest = [f"  and {more:,} more: `mjpipe resolve {typed}` lists them"] if more > 0 else []
        blocks.append([f"at risk, by attempt; `mjpipe resolve {typed}` shows more of each", *shown, *rest])
    if status.expiring:
        blocks.append(paragraph(_expiring(status, typed), width=width, rest="  "))
    if status.stale_picks:
        title_of_picks = "stale picks, ignored: made for earlier images of these jobs. Pick again, or delete the lines."
        blocks.append([title_of_picks, *columns([_pick_row(pick) for pick in status.stale_picks], width=width)])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _expiring(status: Status, typed: str) -> str:
    oldest, lifetime = (f"{seconds / _HOUR:.0f} hours" for seconds in (status.not_fetched[0], RESULT_URL_LIFETIME))
    return (
        f"warning: the images of {counted(status.expiring, 'task')} are not all on disk, the oldest for {oldest};"
        f" the service documents their URLs for {lifetime}: `mjpipe run {typed}` fetches what is still there"
    )


def _pick_row(pick: Pick) -> tuple[str, str, str]:
    words = " ".join((pick.decision, *map(str, pick.images)))
    about = f"of {pick.task}" if pick.task else "of the task that was there when it was first read"
    place = "" if pick.place is None else f"{pick.place.file}:{pick.place.line}"
    return place, one_line(pick.key), one_line(f"{words} {about}{f' for {pick.node}' if pick.node else ''}")


def _money(status: Status) -> list[tuple[str, str, str]]:
    balance = status.balance
    lines = [
        ("spent", dollars(balance.spent), ""),
        ("reserved", dollars(balance.reserved), "for tasks in progress" if balance.reserved else ""),
        ("at risk", dollars(balance.at_risk), "possibly billed (failed or lost answers)" if balance.at_risk else ""),
    ]
    if balance.unpriced:
        lines.append(("unpriced", counted(balance.unpriced, "task"), "in addition, at an undocumented price"))
    if status.budget is not None and status.left is not None:
        lines.append(("budget", dollars(status.budget), _left_text(status.left)))
    return lines


def _left_text(left: Usd) -> str:
    return f"{dollars(left)} left" if left >= 0 else f"exceeded by {dollars(Usd(-left))}"
