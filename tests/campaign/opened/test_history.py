"""Which line of a picks file counts, and which task it is about."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from mjpipe.campaign.opened import FirstNames, LedgerAndPicks
from mjpipe.domain import JobKey, TaskId
from mjpipe.ledger import Ledger
from mjpipe.plan import Picks, read_picks

KEY = JobKey("hero/a")
T1, T2 = TaskId("task_1"), TaskId("task_2")


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with closing(Ledger.in_memory()) as opened:
        yield opened


def picks(folder: Path, *lines: str) -> Picks:
    """Lines are `node,decision,images,task,at`, all about `hero/a`."""
    (folder / "picks.csv").write_text(
        "\n".join(["key,node,decision,images,task,at", *(f"{KEY},{line}" for line in lines)])
    )
    found, mistakes = read_picks(folder / "picks.csv", shown="picks.csv")
    assert mistakes == ()
    return found


def known(ledger: Ledger, folder: Path, *lines: str) -> LedgerAndPicks:
    return LedgerAndPicks(ledger, picks(folder, *lines), {}, dict, FirstNames(ledger))


def rerolled(known: LedgerAndPicks, task: TaskId = T1, consumers: tuple[str, ...] = ("final", "other")) -> bool:
    return known.rerolled(KEY, task, consumers) is not None


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        ([",reroll,,task_1"], True),
        (["final,reroll,,task_1"], True),
        (["nobody,reroll,,task_1"], False),
        ([",reroll,,task_2"], False),
        ([",pick,0,task_1"], False),
        ([",reroll,,task_1,2026-03-31", ",pick,0,task_1,2026-04-01"], False),
        ([",reroll,,task_1,2026-04-01", ",pick,0,task_1,2026-03-31"], True),
        ([",pick,0,task_1,2026-03-31", ",reroll,,task_1,2026-04-01"], True),
        ([",reroll,,task_1", "final,pick,0,task_1"], True),  # for `other` it counts
        ([",reroll,,task_1", "final,pick,0,task_1", "other,reject,,task_1"], False),
        ([",pick,0,task_1", "final,reroll,,task_1"], True),
        ([",reroll,,task_1", ",pick,1,task_2"], True),
    ],
)
def test_a_job_is_rerolled_when_the_line_that_counts_for_some_consumer_says_so(
    ledger: Ledger,
    tmp_path: Path,
    lines: list[str],
    answer: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    assert rerolled(known(ledger, tmp_path, *lines)) is answer


def test_a_job_from_which_nothing_starts_has_a_line_for_itself(ledger: Ledger, tmp_path: Path) -> None:
    assert rerolled(known(ledger, tmp_path, ",reroll,,task_1"), consumers=())


def test_a_line_without_a_task_is_about_the_one_that_was_there_when_it_was_first_read(
    ledger: Ledger, tmp_path: Path
) -> None:
    lines = known(ledger, tmp_path, ",reroll,,")
    assert (rerolled(lines, T1), rerolled(lines, T2), rerolled(lines, T1)) == (True, False, True)


def test_a_line_that_does_not_count_is_bound_as_well(ledger: Ledger, tmp_path: Path) -> None:
    """It shall not come to count when those before it have become stale."""
    lines = known(ledger, tmp_path, ",reroll,,", "final,pick,0,")
    picked = lines.picked(KEY, T1, "final")
    assert picked is not None
    assert picked.images == (0,)
    assert not rerolled(lines, T2, ("final",))


def test_what_a_line_is_about_counts_for_later_plans_once_it_is_on_record(ledger: Ledger, tmp_path: Path) -> None:
    looked = known(ledger, tmp_path, ",reroll,,")
    assert rerolled(looked, T1)
    assert rerolled(known(ledger, tmp_path, ",reroll,,"), T2)
    ledger.bind.all(looked.bindings)
    assert not rerolled(known(ledger, tmp_path, ",reroll,,"), T2)


def test_only_what_was_says_about_a_node_is_bound(ledger: Ledger, tmp_path: Path) -> None:
    """A node that is said to be new is on record under its own name."""
    names: dict[str, tuple[str, ...] | None] = {"hero": None, "lead": ("cover",), "new": (), "back": ("lead", "back")}
    history = known(ledger, tmp_path)
    assert [history.first_name(node, was) for node, was in names.items()] == ["hero", "cover", "new", "lead"]
    assert history.bindings.nodes == {"lead": "cover", "new": "new", "back": "lead"}


def test_a_line_that_names_the_task_and_one_that_is_bound_to_it_are_about_the_same_images(
    ledger: Ledger, tmp_path: Path
) -> None:
    """Without times nobody knows which of them is the later one."""
    lines = known(ledger, tmp_path, ",pick,0,task_1,2026-03-31", ",pick,2,")
    assert lines.picked(KEY, T2, "final") is not None, "the second is bound to the task that is there"
    assert lines.differing() == set()
    lines = known(ledger, tmp_path, ",pick,0,task_1,2026-03-31", ",pick,2,")
    lines.picked(KEY, T1, "final")
    assert sorted((one.place.line, one.code) for one in lines.differing()) == [(2, "MJ095"), (3, "MJ095")]
