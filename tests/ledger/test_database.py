"""The file: another version, damage, readers beside a writer."""

import re
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from mjpipe.domain import JobState, StateFault, UsageFault, usd
from mjpipe.ledger import Ledger, Records
from mjpipe.ledger.database import VERSION
from mjpipe.ledger.database.connection import connect, state_fault, use_wal
from tests.ledger.jobs import adopt, follow_up, generation, intend, make, submit
from tests.permissions import may_only_read, needs_permissions, shared_folder


def test_a_reader_sees_what_is_committed_while_a_run_is_writing(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.sqlite")
    adopt(ledger, generation("a"), generation("b"))
    records = Records.open(tmp_path / "ledger.sqlite")
    assert [job.state for job in records.jobs()] == [JobState.READY, JobState.READY]
    submit(ledger)
    assert [job.state for job in records.jobs()] == [JobState.SUBMITTED, JobState.SUBMITTED]
    walk = records.jobs()
    first = next(walk)
    make(ledger)
    adopt(ledger, generation("a"), generation("c"))
    assert [job.key for job in (first, *walk)] == ["hero/a", "hero/b"]  # one moment's view, to the end
    records.close()
    ledger.close()


def test_a_reader_cannot_write(tmp_path: Path) -> None:
    Ledger.open(tmp_path / "ledger.sqlite").close()
    records = Records.open(tmp_path / "ledger.sqlite")
    with pytest.raises(StateFault, match="readonly"):
        records._connection.execute("DELETE FROM jobs")
    records.close()


def test_a_ledger_is_read_from_a_folder_that_holds_nothing_else(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "state" / "ledger.sqlite")
    adopt(ledger, generation("a"))
    ledger.close()
    (tmp_path / "copy").mkdir()
    shutil.copy(tmp_path / "state" / "ledger.sqlite", tmp_path / "copy")
    records = Records.open(tmp_path / "copy" / "ledger.sqlite")
    assert [job.key for job in records.jobs()] == ["hero/a"]
    records.close()


@pytest.fixture
def shared() -> Iterator[Path]:
    with shared_folder() as folder:
        yield folder


@needs_permissions
@pytest.mark.parametrize("open_it", [Records.open, Records.open_to_report])
def test_a_ledger_that_one_may_only_read_is_read(shared: Path, open_it: Callable[[Path], Records]) -> None:
    ledger = Ledger.open(shared / "ledger.sqlite")
    adopt(ledger, generation("a"))
    ledger.close()
    assert [path.name for path in shared.iterdir()] == ["ledger.sqlite"]
    with may_only_read(shared), closing(open_it(shared / "ledger.sqlite")) as records:
        assert [job.key for job in records.jobs()] == ["hero/a"]
        with records.snapshot():
            records.remember_reported("this")
        assert records.reported() is None


@needs_permissions
def test_of_a_ledger_that_one_may_only_read_nothing_is_left_out(shared: Path) -> None:
    """A run was killed: what it committed last is beside the file, and cannot be read without writing."""
    with closing(Ledger.open(shared / "writing.sqlite")) as ledger:
        adopt(ledger, generation("a"))
        for ending in ("", "-wal"):
            shutil.copy(shared / f"writing.sqlite{ending}", shared / f"ledger.sqlite{ending}")
    with may_only_read(shared), pytest.raises(StateFault, match=r"readonly|unable to open"):
        Records.open(shared / "ledger.sqlite")
    with closing(Records.open(shared / "ledger.sqlite")) as records:
        assert [job.key for job in records.jobs()] == ["hero/a"]


@pytest.mark.parametrize("open_it", [Ledger.open, Records.open])
def test_a_file_that_is_no_ledger_is_a_fault_of_the_state(
    tmp_path: Path, open_it: Callable[[Path], Ledger | Records]
) -> None:
    path = tmp_path / "ledger.sqlite"
    path.write_bytes(b"PNG or anything else" * 500)
    with pytest.raises(StateFault, match=re.escape(f"the state in `{path}` cannot be used: file is not a database")):
        open_it(path)
    assert path.read_bytes().startswith(b"PNG")


@pytest.mark.parametrize("open_it", [Ledger.open, Records.open])
def test_the_file_of_another_release_is_refused_and_left_alone(
    tmp_path: Path, open_it: Callable[[Path], Ledger | Records]
) -> None:
    path = tmp_path / "ledger.sqlite"
    Ledger.open(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 7")
    with pytest.raises(StateFault, match=f"has format 7, and this mjpipe writes format {VERSION}") as refused:
        open_it(path)
    assert refused.value.help == "use the release of mjpipe that made it, or a newer one"


def test_a_ledger_that_is_being_made_is_never_seen_half_made(tmp_path: Path) -> None:
    """Nor without its WAL: a kill while it gets that leaves a journal, which nobody who only reads can roll back."""
    path = tmp_path / "ledger.sqlite"
    seen: list[int] = []
    has_wal: list[bool] = []
    with ThreadPoolExecutor(1) as other:
        for _ in range(20):
            for file in tmp_path.iterdir():
                file.unlink()
            making = other.submit(lambda: Ledger.open(path).close())
            while not path.exists():
                pass
            with path.open("rb") as made:
                has_wal.append(made.read(20)[18:] == b"\2\2")
            with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as connection:
                seen += connection.execute("PRAGMA user_version").fetchone()
            making.result()
    assert (set(seen), set(has_wal)) == ({VERSION}, {True})


def test_there_is_nothing_to_read_where_nothing_was_written(tmp_path: Path) -> None:
    with pytest.raises(StateFault):
        Records.open(tmp_path / "ledger.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_in_the_place_of_the_file_is_a_fault_of_the_state(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").mkdir()
    with pytest.raises(StateFault, match="is not a file that can be read"):
        Ledger.open(tmp_path / "ledger.sqlite")


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    """A ledger whose first page is whole and whose other pages are not."""
    path = tmp_path / "ledger.sqlite"
    ledger = Ledger.open(path)
    adopt(ledger, *(generation(str(number)) for number in range(200)))
    make(ledger)
    ledger.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xaa" * (len(whole) - 4096))
    return path


def test_damaged_pages_are_a_fault_of_the_state_to_a_run(damaged: Path) -> None:
    with pytest.raises(StateFault, match="malformed"), closing(Ledger.open(damaged)) as ledger:
        adopt(ledger, generation("new"))


def test_damaged_pages_are_a_fault_of_the_state_to_a_reader(damaged: Path) -> None:
    with pytest.raises(StateFault, match="malformed"), closing(Records.open(damaged)) as records:
        list(records.jobs())
    with pytest.raises(StateFault, match="malformed"), closing(Records.open(damaged)) as records:
        records.job("hero/1")


def test_a_state_belongs_to_its_host_from_the_first_accepted_task(ledger: Ledger) -> None:
    adopt(ledger, generation("a"))
    intend(ledger)
    ledger.submissions.begin_run(0.0)
    ledger.bindings.check_host("anywhere.test")
    adopt(ledger, generation("a"), generation("b"))
    submit(ledger)
    ledger.bindings.check_host("api.test")
    with pytest.raises(UsageFault, match=r"`api.test`, and this run would go to `anywhere.test`"):
        ledger.bindings.check_host("anywhere.test")


def test_the_records_of_a_job_tell_its_whole_story(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.sqlite")
    source = generation("a")
    upscale = follow_up(source, 1)
    adopt(ledger, source, upscale)
    make(ledger, images=2)
    make(ledger, images=1)
    records = Records.open(tmp_path / "ledger.sqlite")
    first, second = records.jobs()
    assert records.job("upscale/a/1") == second
    assert records.job("hero/none") is None
    records.close()
    ledger.close()
    assert (first.source, second.source, second.source_number) == (None, "hero/a", 1)
    assert [(image.number, image.url, image.path) for image in first.images] == [
        (0, "https://images.test/task_1/0", "hero/a-0.png"),
        (1, "https://images.test/task_1/1", "hero/a-1.png"),
    ]
    assert (second.attempts[0].task, second.attempts[0].price, second.request) == (
        "task_2",
        usd("0.20"),
        upscale.request,
    )


def test_a_file_system_without_what_wal_needs_is_named_with_the_way_out(tmp_path: Path) -> None:
    """What SQLite says on FAT and network drives, where its shared memory cannot be made."""
    fault = sqlite3.OperationalError("disk I/O error")
    fault.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMMAP
    said = state_fault(tmp_path / "ledger.sqlite", fault)
    assert str(said) == f"the state in `{tmp_path / 'ledger.sqlite'}` cannot be used: disk I/O error"
    assert said.help is not None
    assert "SQLite's WAL" in said.help
    assert "--state DIR" in said.help
    fault.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
    assert "check the disk (`df`)" in str(state_fault(tmp_path / "ledger.sqlite", fault).help)


def test_a_database_that_stays_in_another_journal_mode_is_no_ledger() -> None:
    with closing(connect(":memory:", Path("ledger.sqlite"))) as connection:
        with pytest.raises(StateFault, match="SQLite stays in journal mode `memory`") as refused:
            use_wal(connection)
        assert "--state DIR" in str(refused.value.help)
