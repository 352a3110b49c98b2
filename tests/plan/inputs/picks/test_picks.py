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
    assert mistakes(tmp_path, b"")[0] == "1: the picks file has no column `key` and no column `decision`"


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


SIDES = [b"<<<<<<< HEAD", b"hero/A,,pick,0,,,,", b"=======", b"hero/A,,pick,1,,,,", b">>>>>>> theirs", b""]


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
def test_a_git_conflict_is_called_so_where_it_begins_and_its_sides_are_no_further_mistakes(
    tmp_path: Path, end: bytes
) -> None:
    _, (found,) = read(tmp_path, HEADER.rstrip() + end + end.join(SIDES))
    assert (str(found.place), found.place.text, found.message) == (
        "picks.csv:2:1",
        "<<<<<<< HEAD",
        "a git conflict is not resolved",
    )


def test_marks_of_a_conflict_that_were_left_over_are_one_mistake(tmp_path: Path) -> None:
    _, (found,) = read(tmp_path, HEADER + b"=======\nhero/B,,pick,1,,,,\n=======\n")
    assert (found.place.line, found.message, found.also) == (2, "a git conflict is not resolved", 1)


def test_a_mistake_is_shown_at_its_cell(tmp_path: Path) -> None:
    _, found = read(
        tmp_path,
        b'key,decision,images,note,task\nhero/A,yes,0\n"hero/B",pick,two\n,reject\n'
        b'hero/C,pick\nhero/D,pick,0,"two\nlines, one ""cell""",1.5E+17\n',
    )
    assert [(str(one.place), one.place.width, one.message) for one in found] == [
        ("picks.csv:2:8", 3, "`yes` is not a decision: write pick, reject or reroll"),
        ("picks.csv:3:15", 3, "`two` are not image numbers: separate them by spaces, such as 0 2"),
        ("picks.csv:4:1", 1, "the line has no job key"),
        ("picks.csv:5:1", 1, "a pick needs image numbers (counted from 0); other decisions have none"),
        ("picks.csv:7:22", 7, "`1.5E+17` is not a taskId: a spreadsheet has rounded it"),
    ]


def test_the_same_mistake_in_many_lines_is_one_with_a_count(tmp_path: Path) -> None:
    _, (found,) = read(tmp_path, HEADER + b"".join(b"hero/%d,,yes,,,,,\n" % number for number in range(500)))
    assert (found.place.line, found.also) == (2, 499)


@pytest.mark.parametrize(
    "content",
    [
        b"sep=;\r\nkey;decision;images\r\nhero/A;pick;0 2\r\n",
        b"\xef\xbb\xbfkey;decision;images;;\r\nhero/A;Pick;0 2;;\r\n;;;;\r\n",
        "\ufeffkey\tdecision\timages\r\nhero/A\tpick\t0 2\r\n".encode("utf-16-le"),
        "\ufeffkey,decision,images\nhero/A,pick,0 2\n".encode("utf-16-be"),
        b'# chosen on Monday, by "Ana"\nkey,decision,images\n# the first\nhero/A,pick,0.0 2.0\n',
        b"\n\nkey,decision,images\nhero/A,PICK,0 2",
    ],
)
def test_a_picks_file_is_read_as_spreadsheets_and_people_save_it(tmp_path: Path, content: bytes) -> None:
    picks, found = read(tmp_path, content)
    assert found == ()
    assert picks.lines == (Pick(key=JobKey("hero/A"), node="", decision=Decision.PICK, images=(0, 2)),)


def test_a_picks_file_in_another_encoding_is_a_mistake_at_its_first_strange_letter(tmp_path: Path) -> None:
    _, (found,) = read(tmp_path, HEADER + b"hero/A,,pick,0,,sch\xf6n,,\n")
    assert (str(found.place), found.message) == ("picks.csv:2:20", "the picks file is not UTF-8 from here on")
    _, (found,) = read(tmp_path, HEADER.decode().encode("utf-16-le"))
    assert found.message == "the picks file is not CSV: the line has a NUL character"
    assert found.help == "save it as CSV in UTF-8"


EARLY, LATE = b"2026-03-31T14:30:00Z", b"2026-03-31T17:00:00+02:00"


@pytest.mark.parametrize(
    "lines",
    [
        [b"hero/A,,pick,0,,,," + EARLY, b"hero/A,,pick,1,,,," + LATE],
        [b"hero/A,,pick,1,,,," + LATE, b"hero/A,,pick,0,,,," + EARLY],
        [b"hero/A,,pick,1,,,,", b"hero/A,,pick,1,,a note,,"],
        [b"hero/A,,pick,1 2,,,,", b"hero/A,,pick,2 1,,,," + EARLY],
        [b"hero/A,,pick,0,,,,", b"hero/A,final,pick,1,,,,"],
        [b"hero/A,,pick,0,task_1,,,", b"hero/A,,pick,1,task_2,,,"],
        [b"hero/A,,pick,1,,,,yesterday"],
    ],
)
def test_lines_of_one_job_are_no_mistake_if_their_times_say_which_is_the_later_one(
    tmp_path: Path, lines: list[bytes]
) -> None:
    assert mistakes(tmp_path, HEADER + b"\n".join(lines)) == []


@pytest.mark.parametrize(
    ("times", "help_text"),
    [
        ((b"", b""), "delete one of them, or give both the time in `at`: then the later one counts"),
        ((EARLY, b""), "delete one of them, or give both the time in `at`: then the later one counts"),
        ((EARLY, b"2026-03-31T16:30:00+02:00"), "delete one of them: both have the same time in `at`"),
        (
            (b"31.03.2026 16:30", EARLY),
            "delete one of them; `31.03.2026 16:30` is not a time: write `at` as 2026-03-31T14:30:00Z",
        ),
    ],
)
def test_lines_of_one_job_that_differ_without_times_are_a_mistake_at_both(
    tmp_path: Path, times: tuple[bytes, bytes], help_text: str
) -> None:
    lines = b"hero/A,,pick,0,,,,%s\nhero/B,,reject,,,,,\nhero/A,,pick,1,,,,%s\n" % times
    _, found = read(tmp_path, HEADER + lines)
    assert [(str(one.place), one.message, one.help) for one in found] == [
        (
            "picks.csv:2:9",
            "this line and line 4 decide differently about the images of `hero/A`",
            help_text,
        ),
        (
            "picks.csv:4:9",
            "this line and line 2 decide differently about the images of `hero/A`",
            help_text,
        ),
    ]
