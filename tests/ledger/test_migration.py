"""A ledger that an older mjpipe has left: brought up to date whole or not at all, and read as it is."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from mjpipe.domain import Answered, Job, JobState, Money, Standing, StateFault, TaskId, fingerprint, usd
from mjpipe.ledger import Ledger, Records, Verdict, copy_database
from mjpipe.ledger.database import VERSION, open_database
from tests.ledger.child import child
from tests.ledger.jobs import accept, adopt, decline, follow_up, generation, intend, make, standings

OLDER = range(1, VERSION)
RENAMED = {"told": "urls_at", "every": "from_all_images"}
"""Columns of older formats, and what they are called today."""

A = generation("a")
UPSCALE = follow_up(A, 1)
UNSENT = follow_up(A, 2)


def of_format_1(path: Path) -> Path:
    """A ledger as a release of format 1 has left it."""
    return of_format(1, path)


def made(ledger: Ledger) -> None:
    """A generation and its upscale that are done, and one to be sent."""
    adopt(ledger, A, UPSCALE)
    make(ledger)
    make(ledger, images=1)
    adopt(ledger, A, UPSCALE, UNSENT)


def of_format(number: int, path: Path, history: Callable[[Ledger], object] = made) -> Path:
    """A ledger as a release of an older format has left it after a `history`."""
    now = path.with_name("now.sqlite")
    with closing(Ledger.open(now)) as ledger:
        history(ledger)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        script = Path(__file__).with_name(f"format_{number}.sql").read_text("utf-8")
        connection.executescript(f"{script}PRAGMA user_version = {number};")
        connection.execute("ATTACH ? AS now", (str(now),))
        for (table,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall():
            names = [row[1] for row in connection.execute(f"PRAGMA main.table_info({table})")]
            today = ", ".join(RENAMED.get(name, name) for name in names)
            connection.execute(f"DELETE FROM main.{table}")
            connection.execute(f"INSERT INTO main.{table} ({', '.join(names)}) SELECT {today} FROM now.{table}")
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
        for pragma in ("table_xinfo", "foreign_key_list", "index_list")
    }
    for indices in pragmas.values():
        indices.sort(key=lambda row: str(row[1]))
    others = {(kind, name, of): " ".join((sql or "").split()) for kind, name, of, sql in things if kind != "table"}
    return {**{name: sorted(row[1:] for row in rows) for name, rows in pragmas.items()}, "others": others}


def dump(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [*connection.iterdump(), str(connection.execute("PRAGMA user_version").fetchone())]


@pytest.mark.parametrize("number", OLDER)
def test_a_migrated_ledger_has_the_schema_of_a_fresh_one(tmp_path: Path, number: int) -> None:
    old, fresh = of_format(number, tmp_path / "old.sqlite"), tmp_path / "fresh.sqlite"
    with closing(open_database(old)) as migrated, closing(open_database(fresh)) as made:
        assert schema(migrated) == schema(made)
        assert migrated.execute("PRAGMA user_version").fetchone() == (VERSION,)
        assert migrated.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert migrated.execute("PRAGMA foreign_key_check").fetchall() == []


@pytest.mark.parametrize("number", OLDER)
def test_a_migrated_ledger_knows_what_was_paid_and_of_what_follow_ups_were_made(tmp_path: Path, number: int) -> None:
    path = of_format(number, tmp_path / "ledger.sqlite")
    with closing(Ledger.open(path)) as ledger:
        assert ledger.balance().spent == usd("0.40")
        assert ledger.tasks.of_job(UPSCALE.key, UPSCALE.fingerprint, TaskId("task_1")) == "task_2"
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
        looked_at = {key: standing.state for key, standing in standings(records.ledger, [A, UPSCALE]).items()}
    assert looked_at == {"hero/a": JobState.DONE, "upscale/a/1": JobState.DONE}
    copy_database(path, tmp_path / "copy.sqlite")
    assert dump(tmp_path / "copy.sqlite")[-1] == f"({VERSION},)"
    assert path.read_bytes() == before


@pytest.mark.parametrize("number", OLDER)
def test_a_migrated_ledger_takes_no_outcome_that_has_no_meaning(tmp_path: Path, number: int) -> None:
    with closing(Ledger.open(of_format(number, tmp_path / "ledger.sqlite"))) as ledger:
        connection = ledger.connection
        for outcome in Answered:
            connection.execute("UPDATE attempts SET outcome = ?", (outcome,))
        with pytest.raises(sqlite3.IntegrityError, match="CHECK constraint failed"):
            connection.execute("UPDATE attempts SET outcome = 'no such thing'")


def test_an_outcome_that_no_release_is_known_to_have_written_is_unknown_and_stays_on_record(tmp_path: Path) -> None:
    path = of_format(3, tmp_path / "ledger.sqlite")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE attempts SET outcome = 'error', evidence = 'seen' WHERE id = 1")
        connection.execute("UPDATE attempts SET outcome = 'other', evidence = NULL WHERE id = 2")
        connection.commit()
    with closing(Records.open(path)) as records:
        attempts = [attempt for job in records.jobs() for attempt in job.attempts]
        assert [(attempt.outcome, attempt.evidence) for attempt in attempts] == [
            (Answered.UNKNOWN, "error: seen"),
            (Answered.UNKNOWN, "other"),
        ]
        assert records.ledger.balance().spent == usd("0.40")


def test_a_ledger_whose_service_asked_to_wait_still_waits(tmp_path: Path) -> None:
    path = of_format(3, tmp_path / "ledger.sqlite")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO bindings VALUES ('closed_until', '900.0'), ('closed_after', '2')")
        connection.commit()
    with closing(Ledger.open(path)) as ledger:
        assert ledger.bindings.wait_until(now=0.0) == 900.0
        adopt(ledger, A, generation("b"))
        (intent,) = intend(ledger).intents
        accept(ledger, intent)  # it was intended after the service asked
        assert ledger.bindings.wait_until(now=0.0) is None


@pytest.mark.parametrize("number", OLDER)
def test_a_migrated_ledger_takes_no_row_that_refers_to_nothing(tmp_path: Path, number: int) -> None:
    """SQLite replaces a table only while foreign keys are off."""
    with closing(Ledger.open(of_format(number, tmp_path / "ledger.sqlite"))) as ledger:
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY constraint failed"):
            ledger.connection.execute("UPDATE jobs SET attempt = 99")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY constraint failed"):
            ledger.connection.execute("DELETE FROM attempts")


@pytest.mark.parametrize("number", OLDER)
def test_the_sums_of_a_migrated_ledger_go_on(tmp_path: Path, number: int) -> None:
    """The table of attempts was replaced, and the triggers that add up with it."""
    with closing(Ledger.open(of_format(number, tmp_path / "ledger.sqlite"))) as ledger:
        adopt(ledger, A, generation("b"))
        (intent,) = intend(ledger).intents
        assert ledger.balance().reserved == usd("0.20")
        decline(ledger, intent, JobState.READY, Money.AT_RISK)
        balance = ledger.balance()
    assert (balance.spent, balance.reserved, balance.at_risk) == (usd("0.40"), usd("0"), usd("0.20"))


def test_a_ledger_that_has_lost_rows_which_others_refer_to_is_damaged_and_not_migrated(tmp_path: Path) -> None:
    path = of_format(3, tmp_path / "ledger.sqlite")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DELETE FROM attempts WHERE id = 1")
        connection.commit()
    before = dump(path)
    with pytest.raises(StateFault, match=r"is damaged: `\w+` refers to rows of `attempts` that are gone"):
        Ledger.open(path)
    assert dump(path) == before


DIES_IN_MIGRATION = """
import os, signal, sqlite3, sys
from pathlib import Path
from mjpipe.ledger.database import bring_up_to_date

def die(statement):
    if sys.argv[2] in statement:
        os.kill(os.getpid(), signal.SIGKILL)

print("begun", flush=True)
sys.stdin.readline()
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.set_trace_callback(die)
bring_up_to_date(connection, Path(sys.argv[1]))
"""


@pytest.mark.parametrize("statement", ["CREATE UNIQUE INDEX", "DROP TABLE attempts", "RENAME TO attempts"])
def test_a_crash_in_the_midst_leaves_the_older_ledger_whole(tmp_path: Path, statement: str) -> None:
    path = of_format_1(tmp_path / "ledger.sqlite")
    before = dump(path)
    with child(DIES_IN_MIGRATION, path, statement) as process:
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


def test_a_follow_up_that_an_older_release_left_to_be_sent_is_decided_again(tmp_path: Path) -> None:
    """Such a release looked at no `type_options`. What it has sent is not touched."""
    sent, unsent, plain = follow_up(A, 0, mode="vary"), follow_up(A, 1, mode="vary"), generation("b")

    def released(ledger: Ledger) -> None:
        adopt(ledger, A)
        make(ledger)
        for followers in ([A, sent], [A, sent, unsent, plain]):
            adopt(ledger, *followers)
            for source in ledger.follow_ups.sources_waited_for():
                for follower in ledger.follow_ups.waiting_for(source):
                    ledger.follow_ups.release(follower.job, Verdict(state=JobState.READY))
            if unsent not in followers:
                (intent,) = intend(ledger).intents
                decline(ledger, intent, JobState.READY, Money.FREE)

    path = of_format(2, tmp_path / "ledger.sqlite", released)
    with closing(Ledger.open(path)) as ledger:
        standings = adopt(ledger, A, sent, unsent, plain)
        assert [standings[job.key].state for job in (sent, unsent, plain)] == [
            JobState.READY,
            JobState.WAITING,
            JobState.READY,
        ]
        assert [
            [follower.key for follower in ledger.follow_ups.waiting_for(job)]
            for job in ledger.follow_ups.sources_waited_for()
        ] == [[unsent.key]]


# Requests in another form


def drawn(version: str, *, called: str = "hero") -> Job:
    """A generation by that version, with the fingerprint that the planner gives it."""
    job = generation("a")
    request = {**job.request, "version": version}
    return job._replace(request=request, fingerprint=fingerprint(called, request, None))


def enlarged(source: Job) -> Job:
    job = follow_up(source, 1)
    assert job.source is not None
    return job._replace(fingerprint=fingerprint("upscale", job.request, job.source))


def history_of(*plans: list[Job], then: Callable[[Ledger], object] = lambda _: None) -> Callable[[Ledger], None]:
    """All plans but an empty one are made to their end, one after another."""

    def history(ledger: Ledger) -> None:
        for plan in plans:
            adopt(ledger, *plan)
            make(ledger)
            make(ledger, images=1)
        then(ledger)

    return history


OLD, NEW = drawn("v8.1"), drawn("8.1")
DONE = Standing(state=JobState.DONE, paid=usd("0.20"))


def test_a_version_that_was_sent_with_its_v_is_the_one_without_and_so_is_what_follows(tmp_path: Path) -> None:
    path = of_format(2, tmp_path / "ledger.sqlite", history_of([OLD, enlarged(OLD)]))
    with closing(Ledger.open(path)) as ledger:
        assert adopt(ledger, NEW, enlarged(NEW)) == {"hero/a": DONE, "upscale/a/1": DONE}
        assert ledger.balance().spent == usd("0.40")
        job, _ = Records(ledger.connection).jobs()
    assert job.request == NEW.request
    assert b'"version": "v8.1"' in job.attempts[0].body  # as it was sent


def test_what_is_sent_after_a_migration_has_the_form_of_today(tmp_path: Path) -> None:
    path = of_format(2, tmp_path / "ledger.sqlite", lambda ledger: adopt(ledger, OLD))
    with closing(Ledger.open(path)) as ledger:
        (intent,) = intend(ledger).intents
    assert intent.request == NEW.request


def test_the_jobs_of_a_node_that_was_renamed_get_the_form_of_today(tmp_path: Path) -> None:
    def named(ledger: Ledger) -> None:
        ledger.bind.node("hero", "cover")

    path = of_format(2, tmp_path / "ledger.sqlite", history_of([drawn("V8.1", called="cover")], then=named))
    with closing(Ledger.open(path)) as ledger:
        assert adopt(ledger, drawn("8.1", called="cover")) == {"hero/a": DONE}


@pytest.mark.parametrize("paid", [[OLD, NEW], [NEW, OLD], [OLD], [NEW]], ids=["both", "as often", "v", "plain"])
def test_of_two_forms_that_were_both_planned_the_one_that_was_paid_for_counts(tmp_path: Path, paid: list[Job]) -> None:
    """Where only one was paid for, the other form was planned last and never sent."""

    def planned(ledger: Ledger) -> None:
        if len(paid) == 1:
            other = OLD if paid == [NEW] else NEW
            adopt(ledger, other, enlarged(other))

    plans = [[job, enlarged(job)] for job in paid]
    path = of_format(2, tmp_path / "ledger.sqlite", history_of(*plans, then=planned))
    with closing(Ledger.open(path)) as ledger:
        assert adopt(ledger, NEW, enlarged(NEW)) == {"hero/a": DONE, "upscale/a/1": DONE}
        assert ledger.balance().spent == usd("0.20") * 2 * len(paid)


def test_a_fingerprint_that_is_not_that_of_the_request_on_record_is_left_alone(tmp_path: Path) -> None:
    strange = OLD._replace(fingerprint=A.fingerprint)
    path = of_format(2, tmp_path / "ledger.sqlite", history_of([strange, enlarged(strange)]))
    with closing(Ledger.open(path)) as ledger:
        assert adopt(ledger, strange, enlarged(strange)) == {"hero/a": DONE, "upscale/a/1": DONE}
