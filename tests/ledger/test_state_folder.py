"""The state folder: one run at a time, and what it reads stays as it was."""

import errno
import os
from contextlib import closing
from pathlib import Path

import pytest

from mjpipe.domain import Locked, StateFault, TaskId, UsageFault
from mjpipe.ledger import SANDBOX_HOST, Ledger, StateFolder
from tests.ledger.child import child, kill
from tests.ledger.jobs import adopt, generation, intend

HOLDS_THE_LOCK = """
import sys, time
from contextlib import closing
from pathlib import Path
from mjpipe.ledger import Ledger, StateFolder, this_process
folder = StateFolder(Path(sys.argv[1]))
with folder.lock(), closing(Ledger.open(folder.ledger)) as ledger, ledger.hold.kept(this_process(), 1_800_000_000.0):
    print("locked", flush=True)
    time.sleep(600)
"""


def test_a_second_run_names_the_holder_of_the_campaign(tmp_path: Path) -> None:
    with child(HOLDS_THE_LOCK, tmp_path / "state") as process:
        with pytest.raises(Locked) as locked, StateFolder(tmp_path / "state").lock():
            pass
        assert str(locked.value).startswith(f"another run holds this campaign: process {process.pid} on ")
        assert ", since 2027-01-1" in str(locked.value)  # the day depends on the time zone


def test_the_lock_dies_with_its_holder(tmp_path: Path) -> None:
    with child(HOLDS_THE_LOCK, tmp_path / "state") as process:
        kill(process)
        with StateFolder(tmp_path / "state").lock():
            pass


def test_the_lock_is_free_again_after_a_run_however_it_ended(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path)
    with pytest.raises(LookupError), folder.lock():
        raise LookupError
    with folder.lock(), pytest.raises(Locked), folder.lock():
        pass
    with folder.lock():
        pass


def test_what_goes_wrong_in_a_run_is_not_blamed_on_the_state(tmp_path: Path) -> None:
    with pytest.raises(BrokenPipeError), StateFolder(tmp_path).lock():
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def test_a_state_folder_that_cannot_be_made_is_a_fault_of_the_state(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StateFault, match="cannot be used"), StateFolder(tmp_path / "file" / "state").lock():
        pass


def test_inputs_are_copied_so_that_an_edit_during_the_run_changes_nothing(tmp_path: Path) -> None:
    folder = StateFolder(tmp_path / "state")
    (tmp_path / "other").mkdir()
    first, second = tmp_path / "products.csv", tmp_path / "other" / "products.csv"
    first.write_text("sku\n1\n")
    second.write_text("sku\n2\n")
    missing = tmp_path / "missing.csv"
    copies = folder.copies("mjpipe: 1\n")
    assert [copies(path).read_text() for path in (first, second, first)] == ["sku\n1\n", "sku\n2\n", "sku\n1\n"]
    assert not copies(missing).exists()
    first.write_text("sku\nedited\n")
    missing.write_text("sku\n3\n")
    second.unlink()
    assert [copies(path).read_text() for path in (first, second)] == ["sku\n1\n", "sku\n2\n"]
    assert not copies(missing).exists()
    assert list(copies.read) == [first, second, missing]
    assert (folder.inputs / "manifest.yaml").read_text() == "mjpipe: 1\n"


def test_a_file_that_an_earlier_run_copied_is_missing_when_it_is_gone(tmp_path: Path) -> None:
    folder, file = StateFolder(tmp_path / "state"), tmp_path / "products.csv"
    file.write_text("sku\n")
    assert folder.copies("")(file).exists()
    file.unlink()
    assert not folder.copies("")(file).exists()


def test_a_file_that_cannot_be_opened_is_left_to_the_planner(tmp_path: Path) -> None:
    assert StateFolder(tmp_path / "state").copies("")(tmp_path) == tmp_path


def test_a_state_belongs_to_its_manifest_and_follows_it_when_it_is_renamed_or_both_are_moved(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    spring, summer = home / "spring.yaml", home / "summer.yaml"
    spring.touch()
    folder = StateFolder(home / ".mjpipe" / "birds")
    with closing(Ledger.open(folder.ledger)) as ledger:
        folder.check_owner(ledger, spring, sandbox=False)
        folder.bind_owner(ledger, spring)
        summer.touch()
        folder.check_owner(ledger, summer, sandbox=False)  # nothing was sent yet
        adopt(ledger, generation("a"))
        intend(ledger)
        with pytest.raises(UsageFault, match=r"belongs to the manifest `.*spring.yaml`, not to `.*summer.yaml`"):
            folder.check_owner(ledger, summer, sandbox=False)
        spring.rename(summer)
        folder.check_owner(ledger, summer, sandbox=False)
        folder.bind_owner(ledger, summer)
    moved = home.rename(tmp_path / "moved")
    folder = StateFolder(moved / ".mjpipe" / "birds")
    with closing(Ledger.open(folder.ledger)) as ledger:
        folder.check_owner(ledger, moved / "summer.yaml", sandbox=False)
        (moved / "link.yaml").symlink_to("summer.yaml")
        folder.check_owner(ledger, moved / "link.yaml", sandbox=False)


@pytest.mark.parametrize(("host", "sandbox"), [("api.test", True), (SANDBOX_HOST, False)])
def test_a_state_is_the_sandboxs_or_the_services(tmp_path: Path, host: str, *, sandbox: bool) -> None:
    folder = StateFolder(tmp_path)
    with closing(Ledger.open(folder.ledger)) as ledger:
        folder.check_owner(ledger, tmp_path / "campaign.yaml", sandbox=sandbox)
        adopt(ledger, generation("a"))
        (intent,) = intend(ledger).intents
        ledger.submissions.record_task(intent, TaskId("task_1"), host=host, speed_up=1.0, now=0.0)
        folder.check_owner(ledger, tmp_path / "campaign.yaml", sandbox=not sandbox)
        with pytest.raises(UsageFault, match="belongs to the s"):
            folder.check_owner(ledger, tmp_path / "campaign.yaml", sandbox=sandbox)
