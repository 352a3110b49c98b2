"""Where a campaign stands, as a person reads it."""

from mjpipe.contract import RESULT_URL_LIFETIME
from mjpipe.domain import Amount, JobState, Usd, counted, dollars, one_line
from mjpipe.ledger import HeldBy
from mjpipe.plan import Pick, closed_line
from mjpipe.report.status.campaign_status import Status
from mjpipe.report.status.next_of_status import next_of_status
from mjpipe.report.text.at_risk import at_risk_row
from mjpipe.report.text.causes import cause_lines
from mjpipe.report.text.layout import columns, paragraph
from mjpipe.report.text.phrases import adopted_from, done_of_all, money_row, not_done, title

CAUSES = 10
"""Causes of failures that a person is shown; the document has all."""

AT_RISK = 10
"""Attempts at risk that a person is shown; the document has all."""

_HOUR = 60 * 60

STALE_PICKS = 10
"""How many stale picks are listed."""


def status_text(status: Status, width: int, *, typed: str = "M", watching: bool = False) -> str:
    """A line for each node and the money, in lines of at most `width`. `typed` is the campaign in commands to type.

    While somebody is `watching` a run, the next step is left out.
    """
    rows = [(node, done_of_all(jobs), not_done(jobs)) for node, jobs in status.by_node.items()]
    if len(rows) > 1:
        rows.append(("all", done_of_all(status.jobs), not_done(status.jobs)))
    blocks = [
        [title(status.campaign, sandbox=status.sandbox), *columns([("", "done", ""), *rows], right=[1], width=width)],
        columns(_money(status), right=[1], width=width),
    ]
    if status.held_by is not None:
        blocks.insert(0, paragraph(_run_text(status.held_by), width=width, rest="  "))
    if status.closed_until is not None:
        blocks.append([closed_line(status.closed_until)])
    shown_causes = [cause for cause in status.failures if cause.state is not JobState.IN_DOUBT]  # they are below
    blocks += [cause_lines(cause, width, typed) for cause in shown_causes[:CAUSES]]
    if len(shown_causes) > CAUSES:
        more = len(shown_causes) - CAUSES
        blocks.append([f"and {counted(more, 'other cause')}: `mjpipe status {typed} --json`"])
    if status.at_risk:
        shown = columns([at_risk_row(attempt) for attempt in status.at_risk[:AT_RISK]], right=[2], width=width)
        more = len(status.at_risk) - AT_RISK
        rest = [f"  and {more:,} more: `mjpipe resolve {typed}` lists them"] if more > 0 else []
        blocks.append([f"at risk, by attempt; `mjpipe resolve {typed}` shows more of each", *shown, *rest])
    if status.expiring:
        blocks.append(paragraph(_expiring(status, typed), width=width, rest="  "))
    if status.stale_picks:
        title_of_picks = "stale picks, ignored: made for earlier images of these jobs. Pick again, or delete the lines."
        rows_of_picks = columns([_pick_row(pick) for pick in status.stale_picks[:STALE_PICKS]], width=width)
        more = len(status.stale_picks) - STALE_PICKS
        rest = [f"  and {more:,} more: `mjpipe status {typed} --json` lists them"] if more > 0 else []
        blocks.append([*paragraph(title_of_picks, width=width, rest=""), *rows_of_picks, *rest])
    if not (watching and status.held_by):
        step = next_of_status(status, typed=typed)
        blocks.append([step.text(width) if step is not None else "all done"])
    return "\n\n".join("\n".join(block) for block in blocks) + "\n"


def _run_text(held_by: HeldBy) -> str:
    present = held_by.present
    if present is None:
        return "a run is in progress: another process"
    doing = "is in progress" if present.asking_since is None else "waits for a yes before it spends"
    return f"a run {doing}: {present.holder.named}"


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
    if status.adopted:
        lines.append(money_row("adopted", sum(status.adopted.values(), Amount()), adopted_from(status.adopted)))
    if status.set_aside.count:
        attempts = counted(status.set_aside.count, "attempt")
        lines.append(money_row("set aside", status.set_aside, f"{attempts}, by --buy-again"))
    if balance.unpriced:
        lines.append(("unpriced", counted(balance.unpriced, "task"), "in addition, at an undocumented price"))
    if status.budget is not None and status.left is not None:
        lines.append(("budget", dollars(status.budget), _left_text(status.left)))
    return lines


def _left_text(left: Usd) -> str:
    return f"{dollars(left)} left" if left >= 0 else f"exceeded by {dollars(Usd(-left))}"
