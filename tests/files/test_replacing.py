import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from mjpipe.domain import StateFault
from mjpipe.files import replacing

AGAIN = "write it again"


def test_a_file_is_replaced_when_all_of_it_is_written(tmp_path: Path) -> None:
    path = tmp_path / "below" / "costs.json"
    with replacing(path, then=AGAIN) as file:
        file.write("é\n")
        assert not path.exists()
    with replacing(path, then=AGAIN) as file:
        file.write("ü\r\n")
        assert path.read_bytes() == b"\xc3\xa9\n"
    assert path.read_bytes() == b"\xc3\xbc\r\n"
    assert [*path.parent.iterdir()] == [path]


def test_what_the_last_look_refuses_leaves_what_somebody_saved_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "picks.csv"
    path.write_text("read")

    def refuse_changes() -> None:
        path.write_text("saved meanwhile")
        raise InterruptedError

    with pytest.raises(StateFault), replacing(path, then=AGAIN, last_look=refuse_changes) as file:
        file.write("new")
    assert path.read_text() == "saved meanwhile"
    assert [*tmp_path.iterdir()] == [path]


def write_and_break_off(path: Path) -> None:
    with replacing(path, then=AGAIN) as file:
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
    with pytest.raises(StateFault) as caught, replacing(path, then=AGAIN) as file:
        file.write("whole")
    assert str(caught.value) == f"`{path}` cannot be written: is a directory"
    assert caught.value.help == "check the disk (`df`) and the permissions; write it again"
    assert [*tmp_path.iterdir()] == [path]


def test_of_two_that_write_at_once_the_later_holds_and_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    with replacing(path, then=AGAIN) as late:
        with replacing(path, then=AGAIN) as later:
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
        with replacing(link, then=AGAIN) as file:
            file.write(text)
        assert (link.is_symlink(), whole.read_text()) == (True, text)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["picks.csv", "picks.csv", "repository"]


def test_a_failed_write_says_what_to_do_then(tmp_path: Path) -> None:
    (tmp_path / "picks.csv").mkdir()
    with pytest.raises(StateFault) as caught, replacing(tmp_path / "picks.csv", then="pick again") as file:
        file.write("whole")
    assert caught.value.help == "check the disk (`df`) and the permissions; pick again"


def test_a_new_file_can_be_read_by_those_who_could_read_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old")
    path.chmod(0o640)
    with replacing(path, then=AGAIN) as file:
        file.write("new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", 0o640)


def test_a_device_is_written_into_and_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "nothing").symlink_to(os.devnull)
    with replacing(tmp_path / "nothing", then=AGAIN) as file:
        file.write("gone")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    assert [path.name for path in tmp_path.iterdir()] == ["nothing"]


NAMES_OF_STDOUT = ["/dev/stdout", "/dev/fd/1", "log"]
APPENDING = """
import sys
from pathlib import Path
from mjpipe.files import replacing

print("by print", flush=True)
with replacing(Path(sys.argv[1]), then="") as file:
    file.write("by name\\n")
print("and after it")
"""


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="open files have no names here")
@pytest.mark.parametrize("name", NAMES_OF_STDOUT)
def test_a_file_that_a_shell_has_opened_is_written_on_and_keeps_what_is_in_it(tmp_path: Path, name: str) -> None:
    (tmp_path / "log").symlink_to("/dev/stdout")
    path = tmp_path / "all.txt"
    path.write_text("before\n")
    with path.open("a") as all_output:
        subprocess.run([sys.executable, "-c", APPENDING, name], cwd=tmp_path, stdout=all_output, check=True)
    assert path.read_text() == "before\nby print\nby name\nand after it\n"
    assert {path.name for path in tmp_path.iterdir()} == {"log", "all.txt"}


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="open files have no names here")
def test_a_socket_as_standard_output_is_written_into() -> None:
    here, there = socket.socketpair()
    with here, there:
        subprocess.run([sys.executable, "-c", APPENDING, "/dev/stdout"], stdout=there.fileno(), check=True)
        assert here.recv(1000).startswith(b"by print\nby name\n")


def test_links_that_lead_in_a_circle_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(StateFault, match="symbolic links"), replacing(tmp_path / "loop", then=AGAIN):
        pass


KILLED = """
import os, signal, sys
from pathlib import Path
from mjpipe.files import replacing

with replacing(Path(sys.argv[1]), then="") as file:
    file.write("half")
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_process_leaves_the_old_file_and_the_next_one_clears_up(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    path.write_text("old")
    killed = subprocess.run([sys.executable, "-c", KILLED, str(path)], check=False)
    assert (killed.returncode, path.read_text()) == (-9, "old")
    assert len([*tmp_path.iterdir()]) == 2
    with replacing(path, then=AGAIN) as file:
        file.write("new")
    assert [(file.name, file.read_text()) for file in tmp_path.iterdir()] == [("plan.json", "new")]
