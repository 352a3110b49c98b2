"""What is reported about lines of the picks file, one diagnostic for each kind with a count."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace

from mjpipe.domain import Diagnostic, JobKey, Severity, TaskId, counted
from mjpipe.manifest import did_you_mean
from mjpipe.plan.inputs.picks.counting import Differing, line_that_counts
from mjpipe.plan.inputs.picks.decisions import Pick

NAMED = 5
"""How many keys a message names."""


def differing_picks(lines: Iterable[Pick]) -> Iterator[Diagnostic]:
    """Errors for lines of one key, node and task that say different things, where no time shows which is the later."""
    alike: dict[tuple[JobKey, str, TaskId | None], list[Pick]] = defaultdict(list)
    for line in lines:
        alike[line.key, line.node, line.task].append(line)
    for same in alike.values():
        if len(same) > 1 and isinstance(found := line_that_counts(same), Differing):
            yield from differing(found)


def differing(found: Differing) -> Iterator[Diagnostic]:
    """An error at each of the two lines."""
    for line, other in ((found.first, found.second), (found.second, found.first)):
        if line.place is not None:
            where = "" if other.place is None else f"line {other.place.line}"
            yield Diagnostic(
                place=line.cell("decision") or line.place,
                code="MJ095",
                message=f"this line and {where} decide differently about the images of `{line.key}`",
                help=_how_to_decide(line, other),
            )


def _how_to_decide(line: Pick, other: Pick) -> str:
    odd = next((one.at for one in (line, other) if one.at and one.time is None), None)
    if odd is not None:
        return f"delete one of them; `{odd}` is not a time: write `at` as 2026-03-31T14:30:00Z"
    if line.at and other.at:
        return "delete one of them: both have the same time in `at`"
    return "delete one of them, or give both the time in `at`: then the later one counts"


def picks_about_nothing(
    picks: Iterable[Pick], unplanned: Collection[JobKey], nodes: Collection[str]
) -> Iterator[Diagnostic]:
    """Warnings for lines without effect: for the keys in `unplanned`, or for consumers that are not in `nodes`.

    A line that names a task once had a job: it is stale, not a mistake.
    """
    of_no_job: list[Pick] = []
    of_no_node: dict[str, list[Pick]] = defaultdict(list)
    for pick in picks:
        if pick.place is None or pick.task is not None:
            continue
        if pick.key in unplanned:
            of_no_job.append(pick)
        elif pick.node and pick.node not in nodes:
            of_no_node[pick.node].append(pick)
    if of_no_job:
        keys = keys_of(of_no_job)
        named = f"no job has the key {keys}" if len({*_keys(of_no_job)}) == 1 else f"no jobs have the keys {keys}"
        help_text = "`mjpipe expand M` prints the keys; a follow-up has one once its source is picked"
        yield _warning("MJ092", of_no_job, "key", named, help_text)
    for node, lines in of_no_node.items():
        yield _warning("MJ092", lines, "node", f"there is no node `{node}`", did_you_mean(node, nodes))


def stale_picks(lines: Sequence[Pick]) -> Iterator[Diagnostic]:
    """One warning for all lines that were made for earlier images of their jobs."""
    placed = [line for line in lines if line.place is not None]
    if placed:
        subject = "a stale pick" if len(placed) == 1 else f"{len(placed):,} stale picks"
        message = f"{subject}, ignored: made for earlier images of {keys_of(placed)}"
        help_text = "pick again, or delete the line" + "s" * (len(placed) > 1)
        yield replace(_warning("MJ096", placed, "key", message, help_text), also=0)


def keys_of(lines: Iterable[Pick]) -> str:
    """The keys of lines, the first few of many: "`a`, `b` and 3 others"."""
    keys = _keys(lines)
    named = ", ".join(f"`{key}`" for key in keys[:NAMED])
    return named if len(keys) <= NAMED else f"{named} and {counted(len(keys) - NAMED, 'other')}"


def _keys(lines: Iterable[Pick]) -> list[JobKey]:
    return [*dict.fromkeys(line.key for line in lines)]


def _warning(code: str, lines: list[Pick], column: str, message: str, help: str | None) -> Diagnostic:  # noqa: A002 - the word users see
    """One warning at the first of the lines."""
    place = lines[0].cell(column)
    assert place is not None
    return Diagnostic(
        place=place, code=code, message=message, help=help, severity=Severity.WARNING, also=len(lines) - 1
    )
