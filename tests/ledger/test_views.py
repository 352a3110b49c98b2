"""The views of the schema say what the program says elsewhere."""

from itertools import product

from mjpipe.domain import IMAGES_GONE, JobState, has_result
from mjpipe.ledger import Ledger
from tests.ledger.jobs import adopt, generation, make


def test_the_schema_and_the_domain_agree_on_which_jobs_have_results(ledger: Ledger) -> None:
    adopt(ledger, generation("a"))
    make(ledger)
    for state, code in product(JobState, (None, "Prompt Error", IMAGES_GONE)):
        ledger.connection.execute("UPDATE jobs SET state = ?, code = ?", (state, code))
        for view in ("succeeded_jobs", "jobs_with_result"):
            found = ledger.connection.value(f"SELECT count(*) FROM {view}")
            assert found == has_result(state, code), (view, state, code)


def test_a_job_that_is_to_be_rerolled_keeps_its_result_until_the_reroll_is_under_way(ledger: Ledger) -> None:
    adopt(ledger, generation("a"))
    make(ledger)
    kept = []
    for state in JobState:
        ledger.connection.execute("UPDATE jobs SET state = ?, code = NULL, reroll_of = attempt", (state,))
        if ledger.connection.value("SELECT result FROM jobs_with_result") == 1:
            kept.append(state)
    assert kept == [JobState.READY, JobState.SUCCEEDED, JobState.DONE, JobState.FAILED]


def test_a_task_ends_no_later_than_its_end_was_known_here(ledger: Ledger) -> None:
    adopt(ledger, generation("a"))
    make(ledger)
    for finished, completed, ended in ((None, None, None), (5.0, None, 5.0), (5.0, 3.0, 3.0), (5.0, 9.0, 5.0)):
        ledger.connection.execute("UPDATE attempts SET finished = ?, completed = ?", (finished, completed))
        assert ledger.connection.value("SELECT ended FROM attempts") == ended
