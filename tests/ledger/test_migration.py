"""A ledger that an older mjpipe has left: brought up to date whole or not at all, and read as it is."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mjpipe.domain import JobState, Standing, StateFault, TaskId, usd
from mjpipe.ledger import Ledger, Records, copy_database
from mjpipe.ledger.database import VERSION, open_database
from tests.ledger.child import child
from tests.ledger.jobs import adopt, follow_up, generation, intend, make

FORMAT_1 = Path(__file__).with_name("format_1.sql")
A = generation("a")
UPSCALE = follow_up(A, 1)
UNSENT = follow_up(A, 2)


def of_format_1(path: Path) -> Path:
    """A ledger as a release of format 1 has left it: a generation and its upscale that are done, and one to be sent."""
    now = path.with_name("now.sqlite")
    with closing(Ledger.open(now)) as ledger:
        adopt(ledger, A, UPSCALE)
        make(ledger)
        make(ledger, images=1)
        adopt(ledger, A, UPSCALE, UNSENT)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.executescript(FORMAT_1.read_text("utf-8") + "PRAGMA user_version = 1;")
        connection.execute("ATTACH ? AS now", (str(now),))
        for (table,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            names = ", ".join(row[1] for row in connection.execute(f"PRAGMA main.table_info({table})"))
            connection.execute(f"DELETE FROM main.{table}")
            connection.execute(f"INSERT INTO main.{table} ({names}) SELECT {names} FROM now.{table}")
        connection.execute("DELETE FROM main.money")
        connection.execute("INSERT INTO main.money SELECT * FROM now.money")
    now.unlink()
    return path


def schema(connection: sqlite3.Connection) -> dict[str, object]:
    """All that SQLite knows of it, whatever the white space and comments that it was written with."""
    things = connection.execute("SELECT type, name, tbl_name, sql FROM sqlite_master").fetchall()
    tables = [name for kind, name, _, _ in things if kind == "table"]
    pragmas = {
        f"{pragma}({table})": connection.execute(f"PRAGMA {pragma}({table})").fetchall()
        for table in tables
        for pragma in ("table_info", "foreign_key_list", "index_list")
    }
    for indices in pragmas.values():
        indices.sort(key=lambda row: str(row[1]))
    others = {(kind, name, of): " ".join((sql or "").split()) for kind, name, of, sql in things if kind != "table"}
    return {**{name: sorted(row[1:] for row in rows) for name, rows in pragmas.items()}, "others": others}


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [*connection.iterdump(), str(connection.execute("PRAGMA user_version").fetchone())]


def test_a_migrated_ledger_has_the_schema_of_a_fresh_one(tmp_path: Path) -> None:
    old, fresh = of_format_1(tmp_path / "old.sqlite"), tmp_path / "fresh.sqlite"
    with closing(open_database(old)) as migrated, closing(open_database(fresh)) as made:
        assert schema(migrated) == schema(made)
        assert migrated.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert migrated.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert migrated.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_migrated_ledger_knows_what_was_paid_and_of_what_follow_ups_were_made(tmp_path: Path) -> None:
    path = of_format_1(tmp_path / "ledger.sqlite")
    with closing(Ledger.open(path)) as ledger:
        assert ledger.balance().spent == usd("0.40")
        assert ledger.task_of(UPSCALE.key, UPSCALE.fingerprint, TaskId("task_1")) == "task_2"
        done = Standing(state=JobState.DONE, paid=usd("0.20"))
        waiting = Standing(state=JobState.WAITING, reason="new")
        assert adopt(ledger, A, UPSCALE, UNSENT) == {
            "hero/a": done,
            "upscale/a/1": done,
            "upscale/a/2": waiting,
        }
        assert intend(ledger).intents == ()
        assert [len(record.images) for record in Records(ledger.connection).jobs()] == [4, 1, 0]


def test_reading_an_older_ledger_writes_nothing(tmp_path: Path) -> None:
    path = of_format_1(tmp_path / "ledger.sqlite")
    before = path.read_bytes()
    with closing(Records.open(path)) as records:
        assert [(job.key, job.state) for job in records.jobs()] == [
            ("hero/a", JobState.DONE),
            ("upscale/a/1", JobState.DONE),
            ("upscale/a/2", JobState.WAITING),
        ]
        standings = {job.key: standing.state for job, standing in records.ledger.standings([A, UPSCALE])}
    assert standings == {"hero/a": JobState.DONE, "upscale/a/1": JobState.DONE}
    copy_database(path, tmp_path / "copy.sqlite")
    assert dump(tmp_path / "copy.sqlite")[-1] == f"({VERSION},)"
    assert path.read_bytes() == before


DIES_IN_MIGRATION = """
import os, signal, sqlite3, sys
from pathlib import Path
from mjpipe.ledger.database import bring_up_to_date

def die(statement):
    if "CREATE UNIQUE INDEX" in statement:
        os.kill(os.getpid(), signal.SIGKILL)

print("begun", flush=True)
sys.stdin.readline()
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.set_trace_callback(die)
bring_up_to_date(connection, Path(sys.argv[1]))
"""


def test_a_crash_in_the_midst_leaves_the_older_ledger_whole(tmp_path: Path) -> None:
    path = of_format_1(tmp_path / "ledger.sqlite")
    before = dump(path)
    with child(DIES_IN_MIGRATION, path) as process:
        process.communicate("go")
        assert process.returncode == -9
    assert dump(path) == before
    with closing(Ledger.open(path)) as ledger:
        assert ledger.balance().spent == usd("0.40")


def test_a_migration_that_cannot_be_is_a_fault_of_the_state_and_changes_nothing(tmp_path: Path) -> None:
    path = of_format_1(tmp_path / "ledger.sqlite")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE INDEX jobs_rerolled ON jobs (node)")
    before = dump(path)
    with pytest.raises(StateFault, match="index jobs_rerolled already exists"):
        Ledger.open(path)
    assert dump(path) == before
