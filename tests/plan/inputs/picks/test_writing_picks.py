"""What is written into a picks file changes nothing else in it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.domain import JobKey, TaskId
from mjpipe.plan import Decision, Pick, Picks, picks_in, with_picks, with_tasks


def read(content: bytes) -> Picks:
    picks, mistakes = picks_in(content, shown="picks.csv")
    assert mistakes == ()
    return picks


def task_of(line: Pick) -> TaskId | None:
    return TaskId(f"task_{line.key[-1]}") if line.key.startswith("hero/") else None


BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"key,decision,task\nhero/A,reject,\n", b"key,decision,task\nhero/A,reject,task_A\n"),
        (b"key,decision,task\nhero/A,reject", b"key,decision,task\nhero/A,reject,task_A"),
        (b"task,key,decision\r\n ,hero/A,reject\r\n", b"task,key,decision\r\ntask_A,hero/A,reject\r\n"),
        (b"key,decision\nhero/A,reject\nbig/B,reject\n", b"key,decision,task\nhero/A,reject,task_A\nbig/B,reject\n"),
        (
            BOM + b"sep=;\r\nkey;decision;images;;\r\nhero/A;pick;0 2;;kept\r\n;;;;\r\n",
            BOM + b"sep=;\r\nkey;decision;images;;;task\r\nhero/A;pick;0 2;;kept;task_A\r\n;;;;\r\n",
        ),
        (
            b'# by "Ana"\n\nkey,note,decision,task,by\n"hero/A","a ""b"",\n c",reject,"",x\n# end',
            b'# by "Ana"\n\nkey,note,decision,task,by\n"hero/A","a ""b"",\n c",reject,task_A,x\n# end',
        ),
        (
            b"key,decision,task\rhero/A,reject,task_1\rhero/B,reject,\rhero/B,reject\r",
            b"key,decision,task\rhero/A,reject,task_1\rhero/B,reject,task_B\rhero/B,reject,task_B\r",
        ),
    ],
)
def test_the_task_is_written_into_its_cell_and_all_else_stays(before: bytes, after: bytes) -> None:
    assert with_tasks(read(before), task_of) == after
    assert all(line.task for line in read(after).lines if line.key == "hero/A")


def test_a_file_stays_in_its_encoding() -> None:
    before = "\ufeffkey\tdecision\tnote\r\nhero/A\treject\tschön\r\n"
    after = "\ufeffkey\tdecision\tnote\ttask\r\nhero/A\treject\tschön\ttask_A\r\n"
    assert with_tasks(read(before.encode("utf-16-le")), task_of) == after.encode("utf-16-le")


@pytest.mark.parametrize("content", [b"key,decision,task\nhero/A,reject,task_1\nbig/A,reject,\n", b"key,decision\n"])
def test_where_every_line_names_its_task_nothing_is_written(content: bytes) -> None:
    assert with_tasks(read(content), task_of) is None
    assert with_tasks(Picks(), task_of) is None


CELL = st.text(alphabet=st.sampled_from("ab ,;\"'\n#ö"), max_size=5)


@given(
    notes=st.lists(CELL, min_size=1, max_size=4),
    delimiter=st.sampled_from(",;\t"),
    end=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    names=st.permutations(["key", "decision", "note", "task"]),
    without=st.booleans(),
)
def test_whatever_the_file_looks_like_only_tasks_are_added(
    notes: list[str],
    delimiter: str,
    end: str,
    quoting: int,
    names: list[str],
    without: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    if without:
        names.remove("task")
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, names, delimiter=delimiter, lineterminator=end, quoting=quoting)  # type: ignore[arg-type]  # typeshed wants a literal
    table.writeheader()
    for number, note in enumerate(notes):
        table.writerow({"key": f"hero/{number}", "decision": "reject", "note": note})
    before = read(out.getvalue().encode())
    content = with_tasks(before, lambda line: TaskId(f'"{line.key}"'))
    assert content is not None
    after = read(content)
    assert [line.task for line in after.lines] == [f'"{line.key}"' for line in before.lines]
    assert [(line.key, line.note) for line in after.lines] == [(line.key, line.note) for line in before.lines]
    assert with_tasks(after, task_of) is None


NEW = Pick(key=JobKey("hero/A"), node="", decision=Decision.PICK, images=(1,), task=TaskId("t1"), by="ana", at="now")


def is_about_a(line: Pick) -> bool:
    return line.key == "hero/A"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            b"# ours\r\nkey;decision;images;task\r\nhero/A;pick;0;t1\r\nhero/B;reject;;t2\r\n",
            b"# ours\r\nkey;decision;images;task;by;at\r\nhero/B;reject;;t2\r\nhero/A;pick;1;t1;ana;now\r\n",
        ),
        (
            b"at,by,task,images,decision,key\nx,y,t2,,reject,hero/B",
            b"at,by,task,images,decision,key\nx,y,t2,,reject,hero/B\nnow,ana,t1,1,pick,hero/A\n",
        ),
        (
            b"key,decision,images,task,by,at\nhero/A,reject,,,,",
            b"key,decision,images,task,by,at\nhero/A,pick,1,t1,ana,now\n",
        ),
    ],
)
def test_a_new_pick_takes_the_place_of_what_it_replaces_and_all_else_stays(before: bytes, after: bytes) -> None:
    assert with_picks(read(before), [NEW], is_about_a) == after


def test_the_first_pick_makes_the_file() -> None:
    assert with_picks(Picks(), [NEW], is_about_a) == (
        b"key,node,decision,images,task,note,by,at\nhero/A,,pick,1,t1,,ana,now\n"
    )
