"""The picks file as people and spreadsheets leave it: nothing in it is overlooked, and every mistake has its line."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.domain import Diagnostic, JobKey, TaskId
from mjpipe.plan import Decision, Pick, Picks, picks_text, read_picks

HEADER = b"key,node,decision,images,task,note,by,at\n"


def read(folder: Path, content: bytes) -> tuple[Picks, tuple[Diagnostic, ...]]:
    (folder / "picks.csv").write_bytes(content)
    return read_picks(folder / "picks.csv", shown="picks.csv")


def mistakes(folder: Path, content: bytes) -> list[str]:
    return [f"{found.place.line}: {found.message}" for found in read(folder, content)[1]]


def test_no_file_is_no_picks_and_is_not_an_empty_file(tmp_path: Path) -> None:
    assert read_picks(tmp_path / "picks.csv", shown="picks.csv") == (Picks(), ())
    assert mistakes(tmp_path, b"")[0] == "1: the picks file has no column `key`"


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_empty_lines_and_rows_of_empty_cells_are_passed_over_and_lines_are_counted_as_they_stand(
    tmp_path: Path, end: bytes
) -> None:
    lines = [HEADER.rstrip(), b"", b",,,,,,,", b'hero/A,,pick,0,,"two', b'lines",,', b" , ,", b"hero/B,,maybe,,,,,"]
    content = b"\xef\xbb\xbf" + end.join(lines) + end
    picks, found = read(tmp_path, content)
    assert [(line.key, line.place and line.place.line) for line in picks.lines] == [("hero/A", 4)]
    assert [(one.place.line, one.place.text) for one in found] == [(7, "hero/B,,maybe,,,,,")]
    assert picks.content == content


def test_a_line_of_its_own_within_a_cell_does_not_move_the_others(tmp_path: Path) -> None:
    content = HEADER + "hero/A,,pick,0,,a\u2028b\x0cc,,\nhero/B,,yes,,,,,\n".encode()
    assert mistakes(tmp_path, content) == ["3: `yes` is not a decision: write pick, reject or reroll"]


@pytest.mark.parametrize(
    ("second", "line"),
    [
        (b'hero/A,,pick,0,,"the lid,,\nhero/B,,reject,,,,,\n', 2),
        (b'hero/A,,pick,0,,"the lid,,\nhero/B,,reject,,,"too dark",,\n', 2),
        (b"hero/A,,pick,0,,good,,\nhero/B,,reject,,," + b"dark " * 300_000 + b",,\n", 3),
    ],
)
def test_what_is_no_csv_is_a_mistake_at_its_line_and_swallows_nothing(tmp_path: Path, second: bytes, line: int) -> None:
    (found,) = mistakes(tmp_path, HEADER + second)
    assert found.startswith(f"{line}: the picks file is not CSV from here on: ")


@pytest.mark.parametrize("separator", [b",", b";", b"\t"])
def test_cells_may_stand_apart_as_a_spreadsheet_has_it(tmp_path: Path, separator: bytes) -> None:
    content = b"\xef\xbb\xbf" + (HEADER + b'hero/A,,pick,0 2,,"round | warm",,\r\n').replace(b",", separator)
    picks, found = read(tmp_path, content)
    assert (picks.lines, found) == (
        (Pick(key=JobKey("hero/A"), node="", decision=Decision.PICK, images=(0, 2), note="round | warm"),),
        (),
    )


@pytest.mark.parametrize("images", ["9" * 20, "-1", "1_0", "+1", "\u0661", "0,2"])
def test_what_is_no_image_number_is_a_mistake(tmp_path: Path, images: str) -> None:
    content = HEADER + f'hero/A,,pick,"{images}",,,,\n'.encode()
    assert mistakes(tmp_path, content) == [f"2: `{images}` are not image numbers: separate them by spaces, such as 0 2"]


def test_one_column_comes_once(tmp_path: Path) -> None:
    content = b"key,decision,images,key,\nhero/A,pick,0,hero/B,\n"
    assert mistakes(tmp_path, content) == ["1: the picks file has the column `key` twice"]


@given(
    task=st.text(min_size=1, max_size=30) | st.sampled_from(['"', '"a', '""', "=1+1", " a ", "a\n", "a,b", "\x1b[2J"])
)
def test_whatever_a_task_is_called_a_written_line_is_about_it(
    tmp_path_factory: pytest.TempPathFactory, task: str
) -> None:
    pick = Pick(key=JobKey("hero/A"), node="", decision=Decision.PICK, images=(2,), task=TaskId(task))
    text = picks_text([pick])
    assert (text.count("\n"), text.isascii(), "\x1b" in text) == (2, True, False)
    assert read(tmp_path_factory.getbasetemp(), text.encode())[0].lines == (pick,)


def test_a_task_that_begins_with_a_quote_and_is_no_string_is_a_mistake(tmp_path: Path) -> None:
    content = HEADER + b'hero/A,,pick,0,"""task_1",,,\n'
    assert mistakes(tmp_path, content) == [
        '2: `"task_1` is not a taskId: one that begins with a quote must be a JSON string'
    ]


def test_a_pipe_a_nul_and_a_line_without_end_are_mistakes(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (found,) = read_picks(tmp_path / "pipe.csv", shown="pipe.csv")[1]
    assert found.message == "the picks file cannot be read: it is a named pipe, not a file"
    assert mistakes(tmp_path, HEADER + b"hero/A,,pi\0ck,0,,,,\n") == [
        "2: the picks file is not CSV: the line has a NUL character"
    ]
    assert mistakes(tmp_path, HEADER + b"a" * (1 << 24) + b"a") == [
        "2: the picks file is not CSV: a row is longer than 16,777,216 characters"
    ]


def test_the_marks_of_a_git_conflict_are_called_so(tmp_path: Path) -> None:
    lines = [b"<<<<<<< HEAD", b"hero/A,,pick,0,,,,", b"=======", b"hero/B,,pick,1,,,,", b">>>>>>> theirs", b""]
    said = [f"{line}: the line is a mark of a git conflict" for line in (2, 4, 6)]
    assert mistakes(tmp_path, HEADER + b"\n".join(lines)) == said
