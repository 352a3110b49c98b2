"""Room for paths, as the system says it."""

import os
from pathlib import Path

import pytest

from mjpipe.files import Lengths, lengths_below


def test_the_room_below_a_folder_is_what_the_system_leaves(tmp_path: Path) -> None:
    folder = tmp_path / "out" / "not yet made"
    lengths = lengths_below(folder)
    assert lengths.path is not None
    longest = folder / ("/".join(["x" * 99] * (lengths.path // 100)))
    assert len(os.fsencode(longest)) < os.pathconf(tmp_path, "PC_PATH_MAX")
    longest.mkdir(parents=True)
    assert lengths.too_long("x" * 99 + "/" + longest.relative_to(folder).as_posix()) is not None


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("é" * 20, None),
        ("a/" * 50, None),
        ("é" * 26, "a name in it has 52 bytes, and this file system has room for 50"),
        ("é/" * 34, "it has 102 bytes below `outputs.dir`, more than this system has room for"),
    ],
)
def test_paths_and_names_are_counted_in_bytes(path: str, why: str | None) -> None:
    assert Lengths(path=100, name=50).too_long(path) == why


def test_where_the_system_says_nothing_every_path_fits() -> None:
    lengths = Lengths(path=None, name=None)
    assert (lengths.too_long("x" * 10_000), lengths.surely_fits(200)) == (None, float("inf"))


@pytest.mark.parametrize(("name", "surely"), [(255, 1000), (143, 0)])
def test_short_paths_need_no_look_unless_names_are_short_on_that_file_system(name: int, surely: float) -> None:
    assert Lengths(path=4000, name=name).surely_fits(200) == surely
