"""Two people pick in two clones: whichever way git puts their lines together, the latest decision counts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from mjpipe.domain import JobKey, TaskId
from mjpipe.plan import Decision, Differing, Pick, Picks, line_that_counts, picks_in, with_picks

START = datetime(2026, 3, 31, 14, 30, tzinfo=UTC)


class Choice(NamedTuple):
    """What somebody decides about one of two jobs, in the clone `clone`."""

    clone: int
    job: int
    choice: int | None


CHOICES = st.lists(
    st.builds(Choice, st.integers(0, 1), st.integers(0, 1), st.none() | st.integers(0, 3)), min_size=1, max_size=8
)


def line_of(choice: Choice, second: int) -> Pick:
    return Pick(
        key=JobKey(f"hero/{choice.job}"),
        node="",
        decision=Decision.REJECT if choice.choice is None else Decision.PICK,
        images=() if choice.choice is None else (choice.choice,),
        task=TaskId(f"task_{choice.job}"),
        by=f"clone {choice.clone}",
        at=(START + timedelta(seconds=second)).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def picked(content: bytes, line: Pick) -> bytes:
    """As `mjpipe pick` does it: the new line takes the place of the one about the same images."""
    picks = read(content) if content else Picks()
    return with_picks(picks, [line], lambda other: (other.key, other.task) == (line.key, line.task))


def read(content: bytes) -> Picks:
    picks, mistakes = picks_in(content, shown="picks.csv")
    assert mistakes == ()
    return picks


def lines_of(content: bytes) -> list[bytes]:
    return content.splitlines(keepends=True)


def union(mine: bytes, theirs: bytes, order: Sequence[bool]) -> bytes:
    """The header, then the lines of both in a random order, which is more than any merge driver would mix up."""
    first, second = lines_of(mine)[1:], lines_of(theirs)[1:]
    merged = []
    for is_mine in order:
        source = first if (is_mine and first) or not second else second
        if source:
            merged.append(source.pop(0))
    return b"".join([(lines_of(mine) or lines_of(theirs))[0], *merged, *first, *second])


@given(
    before=CHOICES,
    after=CHOICES,
    order=st.lists(st.booleans(), max_size=20),
    windows=st.booleans(),
    again=st.booleans(),
)
def test_the_latest_decision_counts_however_two_clones_are_merged(
    before: list[Choice],
    after: list[Choice],
    order: list[bool],
    windows: bool,  # noqa: FBT001 - a parameter of the test
    again: bool,  # noqa: FBT001 - as above
) -> None:
    latest: dict[JobKey, Pick] = {}
    base = b""
    for second, choice in enumerate(before):
        line = line_of(choice, second)
        base, latest[line.key] = picked(base, line), line
    clones = [base, base]
    for second, choice in enumerate(after, len(before)):
        line = line_of(choice, second)
        clones[choice.clone], latest[line.key] = picked(clones[choice.clone], line), line
    if windows:
        clones[1] = clones[1].replace(b"\n", b"\r\n")
    merged = union(clones[0], clones[1], order)
    if again:
        merged = union(merged, clones[0], order)
    lines = read(merged).lines
    for key, line in latest.items():
        counts = line_that_counts([other for other in lines if other.key == key])
        assert not isinstance(counts, Differing)
        assert counts.choice == line.choice
