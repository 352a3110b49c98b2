"""A name that is taken keeps its file."""

from pathlib import Path

import pytest

from mjpipe.files import link_if_free, write_if_free


def test_a_free_name_is_a_second_one_of_the_file(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"whole")
    assert link_if_free(source, target)
    assert source.samefile(target)


def test_a_taken_name_is_left_as_it_is(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"ours")
    target.symlink_to("nowhere")
    assert not link_if_free(source, target)
    assert target.readlink() == Path("nowhere")


def test_on_another_file_system_the_name_leads_to_a_copy_or_stays_taken(tmp_path: Path, elsewhere: Path) -> None:
    source, target = tmp_path / "source", elsewhere / "target"
    source.write_bytes(b"ours")
    assert link_if_free(source, target)
    source.write_bytes(b"later")
    assert not link_if_free(source, target)
    assert [(file.name, file.read_bytes()) for file in elsewhere.iterdir()] == [("target", b"ours")]


def test_a_new_file_is_whole_and_never_replaces_another(tmp_path: Path) -> None:
    path = tmp_path / "campaign.yaml"
    assert write_if_free(path, b"first")
    assert not write_if_free(path, b"second")
    assert [(file.name, file.read_bytes()) for file in tmp_path.iterdir()] == [("campaign.yaml", b"first")]


def test_a_new_file_that_the_disk_refuses_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(NotADirectoryError):
        write_if_free(tmp_path / "file" / "below", b"content")
    assert [file.name for file in tmp_path.iterdir()] == ["file"]
