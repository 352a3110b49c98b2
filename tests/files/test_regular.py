"""Real pipes, devices and sparse files in the place of a file."""

import os
import socket
from pathlib import Path

import pytest

from mjpipe.files import open_regular, open_text, read_regular, size_text


def refused(path: Path) -> str:
    with pytest.raises(OSError, match=r"not a file|directory") as fault:
        open_regular(path)
    return str(fault.value.strerror)


def test_a_pipe_that_nobody_writes_to_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert refused(tmp_path / "pipe") == "it is a named pipe, not a file"


def test_a_link_leads_to_a_file_or_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "good").symlink_to("file")
    (tmp_path / "endless").symlink_to("/dev/zero")
    assert read_regular(tmp_path / "good", 10) == b"content"
    assert refused(tmp_path / "endless") == "it is a device, not a file"


def test_a_folder_and_a_socket_are_no_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket may not be long
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")
        assert refused(Path("socket")) == "it is a socket, not a file"
    assert refused(tmp_path) == "Is a directory"


def test_what_is_read_whole_is_bounded_before_it_is_read(tmp_path: Path) -> None:
    (tmp_path / "full").write_bytes(b"a" * 1024)
    with (tmp_path / "sparse").open("wb") as file:
        file.truncate(1 << 40)
    assert len(read_regular(tmp_path / "full", 1024)) == 1024
    for name, most in (("full", 1023), ("sparse", 1 << 20)):
        with pytest.raises(OSError, match="it is larger than ") as fault:
            read_regular(tmp_path / name, most)
        assert fault.value.filename == str(tmp_path / name)


def test_a_file_that_says_it_is_empty_and_is_not_is_bounded_as_well() -> None:
    """The kernel's own files have no size."""
    proc = Path("/proc/self/environ")
    if not proc.exists():
        pytest.skip("Linux has such files")
    with pytest.raises(OSError, match="it is larger than"):
        read_regular(proc, 1)


def test_text_is_read_in_the_encoding_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes("é\r\n".encode("latin-1"))
    with open_text(tmp_path / "file", encoding="latin-1", newline="") as file:
        assert file.read() == "é\r\n"


def test_sizes_are_put_into_words() -> None:
    assert [size_text(1 << 16), size_text(1 << 24)] == ["64 KB", "16 MB"]
