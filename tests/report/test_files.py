from pathlib import Path

import pytest

from mjpipe.domain import StateFault
from mjpipe.report import replacing


def test_a_file_is_replaced_when_all_of_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "below" / "costs.json"
    with replacing(path) as file:
        file.write("é\n")
        assert not path.exists()
    with replacing(path) as file:
        file.write("ü\r\n")
        assert path.read_bytes() == b"\xc3\xa9\n"
    assert path.read_bytes() == b"\xc3\xbc\r\n"
    assert [*path.parent.iterdir()] == [path]


def write_and_break_off(path: Path) -> None:
    with replacing(path) as file:
        file.write("half")
        raise KeyboardInterrupt


def test_what_breaks_off_leaves_the_file_that_was_there(tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    path.write_text("whole")
    with pytest.raises(KeyboardInterrupt):
        write_and_break_off(path)
    assert path.read_text() == "whole"
    assert [*tmp_path.iterdir()] == [path]


def test_a_disk_that_refuses_is_named_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    path.mkdir()
    with pytest.raises(StateFault) as caught, replacing(path) as file:
        file.write("whole")
    assert str(caught.value) == f"`{path}` cannot be written: is a directory"
    assert caught.value.help == "check the disk (`df`) and the permissions; `mjpipe report M` writes the reports again"
    assert [*tmp_path.iterdir()] == [path]


def test_of_two_that_write_at_once_the_later_holds_and_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    with replacing(path) as late:
        with replacing(path) as later:
            late.write("from the first")
            later.write("from the second")
        assert path.read_text() == "from the second"
    assert path.read_text() == "from the second"
    assert [*tmp_path.iterdir()] == [path]


def test_a_link_stays_one_and_what_it_leads_to_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "repository").mkdir()
    whole, link = tmp_path / "repository" / "picks.csv", tmp_path / "picks.csv"
    link.symlink_to(Path("repository") / "picks.csv")
    for text in ("first", "second"):
        with replacing(link) as file:
            file.write(text)
        assert (link.is_symlink(), whole.read_text()) == (True, text)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["picks.csv", "picks.csv", "repository"]


def test_what_is_no_report_has_an_advice_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "picks.csv").mkdir()
    with pytest.raises(StateFault) as caught, replacing(tmp_path / "picks.csv", help="pick again") as file:
        file.write("whole")
    assert caught.value.help == "check the disk (`df`) and the permissions; pick again"
