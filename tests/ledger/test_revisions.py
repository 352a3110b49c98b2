"""The revision of a job: by it a replan that was made beside the writer sees which rows have changed since."""

import pytest

from mjpipe.ledger import Ledger
from tests.ledger.jobs import adopt, follow_up, generation, make

A, B = generation("a"), generation("b")


def revisions(ledger: Ledger) -> dict[str, int]:
    return dict(ledger.connection.execute("SELECT key, revision FROM jobs").fetchall())


@pytest.fixture
def planned(ledger: Ledger) -> Ledger:
    adopt(ledger, A, B)
    return ledger


def test_a_job_that_nobody_has_changed_has_its_first_revision(planned: Ledger) -> None:
    assert revisions(planned) == {A.key: 0, B.key: 0}
    adopt(planned, A, B)
    assert revisions(planned) == {A.key: 0, B.key: 0}


def test_a_change_of_any_column_raises_the_revision_of_its_row_by_one(planned: Ledger) -> None:
    planned.connection.execute("PRAGMA foreign_keys=OFF")
    columns = [row[1] for row in planned.connection.execute("PRAGMA table_info(jobs)")]
    for count, column in enumerate((name for name in columns if name not in ("id", "revision")), start=1):
        planned.connection.execute(f"UPDATE jobs SET {column} = {column} WHERE key = ?", (A.key,))
        assert revisions(planned) == {A.key: count, B.key: 0}, column


def test_a_statement_counts_the_rows_that_it_changes_and_not_their_revisions(planned: Ledger) -> None:
    assert planned.connection.execute("UPDATE jobs SET position = position + 1").rowcount == 2
    assert revisions(planned) == {A.key: 1, B.key: 1}


def test_what_a_run_does_raises_the_revision_each_time(planned: Ledger) -> None:
    adopt(planned, A, follow_up(A, 1))
    before = revisions(planned)
    make(planned)
    after = revisions(planned)
    # submitting, submitted, succeeded, and done for the one; ready for the other
    assert {key: after[key] - before[key] for key in after} == {A.key: 4, follow_up(A, 1).key: 1}
