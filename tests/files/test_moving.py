"""What is moved is at the one place or the other, whichever file systems they are on."""

from itertools import count
from pathlib import Path

import pytest

from mjpipe.files import first_free, move_aside, move_file, rename_folder


def test_a_file_is_moved_to_another_file_system_over_an_older_one(tmp_path: Path, elsewhere: Path) -> None:
    source, target = tmp_path / "source", elsewhere / "target"
    source.write_bytes(b"new")
    target.write_bytes(b"old")
    move_file(source, target)
    assert not source.exists()
    assert [(file.name, file.read_bytes()) for file in elsewhere.iterdir()] == [("target", b"new")]


def test_a_move_that_the_other_file_system_refuses_leaves_the_file_where_it_was(
    tmp_path: Path, elsewhere: Path
) -> None:
    source, target = tmp_path / "source", elsewhere / "target"
    source.write_bytes(b"only")
    target.mkdir()
    with pytest.raises(IsADirectoryError):
        move_file(source, target)
    assert source.read_bytes() == b"only"
    assert [file.name for file in elsewhere.iterdir()] == ["target"]


def test_a_folder_is_moved_aside_with_what_is_in_it(tmp_path: Path, elsewhere: Path) -> None:
    (tmp_path / "a.png").mkdir()
    (tmp_path / "a.png" / "note").write_text("mine")
    target = first_free(elsewhere / "orphans" / f"a.png.aside-{number}" for number in count(1))
    move_aside(tmp_path / "a.png", target)
    assert (target / "note").read_text() == "mine"
    assert not (tmp_path / "a.png").exists()


def test_the_first_free_name_is_the_first_at_which_there_is_not_even_a_broken_link(tmp_path: Path) -> None:
    (tmp_path / "1").write_text("")
    (tmp_path / "2").symlink_to("nowhere")
    assert first_free(tmp_path / str(number) for number in count(1)) == tmp_path / "3"


def test_a_renamed_folder_takes_the_place_of_another_one(tmp_path: Path) -> None:
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "content").write_text(name)
    rename_folder(tmp_path / "old", tmp_path / "new")
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*")} == {"new", "new/content"}
    assert (tmp_path / "new" / "content").read_text() == "old"
    rename_folder(tmp_path / "new", tmp_path / "newest")
    assert [path.name for path in tmp_path.iterdir()] == ["newest"]
