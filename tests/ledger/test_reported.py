"""What the ledger remembers of the reports, and when it forgets it."""

from pathlib import Path

import pytest

from mjpipe.ledger import Ledger, Records
from tests.ledger.jobs import adopt, generation, intend, make, submit

WORDS = "as written"


def remembered(ledger: Ledger) -> Records:
    """Records of a ledger that remembers what was reported."""
    records = Records(ledger.connection)
    with records.snapshot():
        records.remember_reported(WORDS)
    assert records.reported() == WORDS
    return records


@pytest.mark.parametrize(
    "change",
    [
        "INSERT INTO jobs SELECT * FROM spare",
        "UPDATE jobs SET labels = '{}' WHERE id = 1",
        "DELETE FROM jobs WHERE attempt IS NULL",
        "INSERT INTO attempts (job, number, body, money, intended) VALUES (1, 9, '', 'free', 0)",
        "UPDATE attempts SET money = 'at_risk' WHERE id = 1",
        "DELETE FROM attempts WHERE id = 2",
        "INSERT INTO images (attempt, number, url) VALUES (1, 9, '')",
        "UPDATE images SET path = NULL WHERE attempt = 1 AND number = 0",
        "DELETE FROM images WHERE attempt = 1",
    ],
)
def test_any_change_of_jobs_attempts_and_images_is_forgetting(ledger: Ledger, change: str) -> None:
    adopt(ledger, generation("a"), generation("b"))
    make(ledger)
    adopt(ledger, generation("a"), generation("b"), generation("c"))
    ledger.connection.execute("CREATE TEMP TABLE spare AS SELECT * FROM jobs WHERE key = 'hero/c'")
    ledger.connection.execute("UPDATE spare SET id = 99, key = 'hero/d'")
    ledger.connection.execute("PRAGMA foreign_keys=OFF")
    records = remembered(ledger)
    assert ledger.connection.execute(change).rowcount > 0
    assert records.reported() is None


def test_what_changes_nothing_of_it_is_remembered_through(ledger: Ledger) -> None:
    jobs = [generation("a"), generation("b")]
    adopt(ledger, *jobs)
    make(ledger)
    records = remembered(ledger)
    adopt(ledger, *jobs)
    ledger.submissions.begin_run(5.0)
    ledger.bind.manifest("manifest.yaml")
    assert not intend(ledger).intents
    assert records.reported() == WORDS


def test_a_change_that_is_undone_has_never_been(ledger: Ledger) -> None:
    adopt(ledger, generation("a"))
    records = remembered(ledger)
    ledger.connection.execute("BEGIN")
    submit(ledger)
    ledger.connection.execute("ROLLBACK")
    assert records.reported() == WORDS


def test_nothing_is_remembered_of_records_that_have_changed_since_they_were_read(
    ledger: Ledger, tmp_path: Path
) -> None:
    adopt(ledger, generation("a"), generation("b"))
    records = Records.open_to_report(tmp_path / "ledger.sqlite")
    with records.snapshot():
        assert [len(job.attempts) for job in records.jobs()] == [0, 0]
        submit(ledger)
        assert [len(job.attempts) for job in records.jobs()] == [0, 0]
        records.remember_reported(WORDS)
    assert records.reported() is None
    with records.snapshot():
        assert [len(job.attempts) for job in records.jobs()] == [1, 1]
        records.remember_reported(WORDS)
    assert records.reported() == WORDS
    records.close()


def test_a_run_that_writes_is_not_waited_for(ledger: Ledger, tmp_path: Path) -> None:
    adopt(ledger, generation("a"))
    records = Records.open_to_report(tmp_path / "ledger.sqlite")
    ledger.connection.execute("BEGIN IMMEDIATE")
    with records.snapshot():
        assert len(list(records.jobs())) == 1
        records.remember_reported(WORDS)
    ledger.connection.execute("COMMIT")
    assert records.reported() is None
    records.close()


def test_records_that_only_read_remember_nothing(ledger: Ledger, tmp_path: Path) -> None:
    records = Records.open(tmp_path / "ledger.sqlite")
    with records.snapshot():
        records.remember_reported(WORDS)
    assert (records.reported(), ledger.bindings.get("reported")) == (None, None)
    records.close()


def test_the_beginning_of_the_last_run_is_on_record(ledger: Ledger) -> None:
    records = Records(ledger.connection)
    assert records.run_began() is None
    for moment in (1795381200.123456, 1795381300.25):
        ledger.submissions.begin_run(moment)
        assert records.run_began() == moment
