"""Who gets at new folders and files."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from mjpipe.files import make_folders, make_private_file
from tests.permissions import needs_permissions

pytestmark = needs_permissions


@contextmanager
def umask(mask: int) -> Iterator[None]:
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


def mode(path: Path) -> str:
    return f"{stat.S_IMODE(path.stat().st_mode):o}"


@pytest.mark.parametrize(
    ("above", "mask", "folder", "file", "public"),
    [
        (0o755, 0o022, "750", "640", "755"),
        (0o755, 0o002, "770", "660", "775"),
        (0o755, 0o077, "700", "600", "700"),
        (0o2775, 0o022, "2770", "660", "2775"),
        (0o2770, 0o077, "2770", "660", "2770"),
        (0o2750, 0o077, "2750", "640", "2750"),
    ],
)
def test_others_get_nothing_and_the_group_what_the_umask_or_the_folder_above_gives_it(
    tmp_path: Path, above: int, mask: int, folder: str, file: str, public: str
) -> None:
    tmp_path.chmod(above)
    deep, open_to_all = tmp_path / "deep" / "er", tmp_path / "open" / "to" / "all"
    with umask(mask):
        make_folders(deep, private=True)
        make_private_file(deep / "file")
        make_folders(open_to_all)
    assert (mode(deep.parent), mode(deep), mode(deep / "file")) == (folder, folder, file)
    assert {mode(path) for path in (open_to_all, open_to_all.parent, open_to_all.parent.parent)} == {public}


def test_what_is_there_stays_as_it_is(tmp_path: Path) -> None:
    folder, file = tmp_path / "folder", tmp_path / "folder" / "file"
    folder.mkdir()
    file.write_text("old")
    folder.chmod(0o755)
    file.chmod(0o646)
    make_folders(folder, private=True)
    make_private_file(file)
    assert (mode(folder), mode(file), file.read_text()) == ("755", "646", "old")


def test_a_file_in_the_place_of_a_folder_is_a_fault_that_is_raised(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileExistsError):
        make_folders(tmp_path / "file")
    with pytest.raises(NotADirectoryError):
        make_folders(tmp_path / "file" / "deeper" / "still")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="a file system that takes no folders")
def test_a_folder_that_cannot_be_made_is_a_fault_of_the_disk() -> None:
    with pytest.raises(FileNotFoundError):
        make_folders(Path("/proc/no/receipts"))
