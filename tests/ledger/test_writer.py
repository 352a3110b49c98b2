"""The writer: many operations in one commit, each answered when it is durable, each undone alone."""

import asyncio
import re
import sqlite3
import threading
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from mjpipe.domain import StateFault
from mjpipe.ledger import Ledger, Records, Writer
from tests.ledger.child import child, kill
from tests.ledger.jobs import adopt, generation, intend


def bind(name: str, value: str = "") -> Callable[[Ledger], str]:
    """An operation of one row; raises sqlite3.IntegrityError when the name is there already."""

    def operation(ledger: Ledger) -> str:
        ledger.connection.execute("INSERT INTO bindings VALUES (?, ?)", (name, value))
        return name

    return operation


def names_in(path: Path) -> list[str]:
    """What another process would see."""
    with closing(sqlite3.connect(path)) as other:
        return [name for (name,) in other.execute("SELECT name FROM bindings WHERE name <> 'name' ORDER BY name")]


def file_of(ledger: Ledger) -> Path:
    return Path(ledger.connection.execute("PRAGMA database_list").fetchone()[2])


def written(ledger: Ledger, work: Callable[[Writer], Awaitable[None]]) -> None:
    async def whole() -> None:
        async with Writer(ledger) as write:
            await work(write)

    asyncio.run(whole())


async def together(write: Writer, *operations: Callable[[Ledger], object]) -> list[object]:
    """The operations end up in one batch, because the thread is kept busy until all of them have been asked for."""
    begun, go = threading.Event(), threading.Event()

    def busy(_: Ledger) -> None:
        begun.set()
        go.wait(10)

    gate = asyncio.ensure_future(write(busy))
    await asyncio.to_thread(begun.wait, 10)
    answers = [asyncio.ensure_future(write(operation)) for operation in operations]
    await asyncio.sleep(0)
    go.set()
    await gate
    return await asyncio.gather(*answers, return_exceptions=True)


def test_the_answer_comes_when_others_can_read_what_was_written(ledger: Ledger) -> None:
    async def work(write: Writer) -> None:
        assert await write(bind("a")) == "a"
        assert names_in(file_of(ledger)) == ["a"]

    written(ledger, work)


def test_many_operations_share_one_commit(ledger: Ledger) -> None:
    statements: list[str] = []

    ledger.connection.set_trace_callback(statements.append)

    async def work(write: Writer) -> None:
        assert await together(write, *(bind(f"{number:02}") for number in range(50))) == [
            f"{number:02}" for number in range(50)
        ]

    written(ledger, work)
    commits = " ".join(statements).split("COMMIT")
    assert [commit.count("INSERT") for commit in commits if "INSERT" in commit] == [50]


def test_an_operation_that_fails_undoes_itself_alone(ledger: Ledger) -> None:
    def broken(opened: Ledger) -> None:
        bind("of the broken one")(opened)
        raise LookupError("on purpose")

    async def work(write: Writer) -> None:
        before, failure, after = await together(write, bind("before"), broken, bind("behind"))
        assert (before, repr(failure), after) == ("before", "LookupError('on purpose')", "behind")

    written(ledger, work)
    assert names_in(file_of(ledger)) == ["before", "behind"]


def test_an_operation_that_fails_alone_leaves_nothing(ledger: Ledger) -> None:
    def failing(ledger: Ledger) -> None:
        bind("half")(ledger)
        raise LookupError("on purpose")

    async def work(write: Writer) -> None:
        with pytest.raises(LookupError, match="on purpose"):
            await write(failing)

    written(ledger, work)
    assert names_in(file_of(ledger)) == []


def test_a_fault_of_the_database_is_reported_as_a_fault_of_the_state(ledger: Ledger) -> None:
    async def work(write: Writer) -> None:
        await write(bind("a"))
        with pytest.raises(StateFault, match="cannot be used: UNIQUE constraint failed"):
            await write(bind("a"))
        assert await write(bind("b")) == "b"

    written(ledger, work)


def test_an_operation_that_raises_stopiteration_does_not_hang_its_neighbours(ledger: Ledger) -> None:
    def exhausted(_: Ledger) -> None:
        next(iter(()))

    async def work(write: Writer) -> None:
        async with asyncio.timeout(5):
            failure, after = await together(write, exhausted, bind("behind"))
        assert (type(failure), after) == (RuntimeError, "behind")

    written(ledger, work)


def test_a_commit_that_fails_fails_all_and_the_next_one_is_a_commit_again(ledger: Ledger) -> None:
    def refused_at_the_end(opened: Ledger) -> None:
        opened.connection.execute("PRAGMA defer_foreign_keys = ON")
        opened.connection.execute("INSERT INTO images (attempt, number, url) VALUES (404, 0, '')")

    async def work(write: Writer) -> None:
        answers = await together(write, bind("before"), refused_at_the_end, bind("behind"))
        said = f"the state in `{file_of(ledger)}` cannot be used: FOREIGN KEY constraint failed"
        assert [str(answer) for answer in answers] == [said] * 3
        assert await write(bind("later")) == "later"
        assert names_in(file_of(ledger)) == ["later"]

    written(ledger, work)


def test_on_a_full_disk_what_is_reported_durable_is_and_what_is_reported_failed_is_not(ledger: Ledger) -> None:
    path = file_of(ledger)
    (pages,) = ledger.connection.execute("PRAGMA page_count").fetchone()
    ledger.connection.execute(f"PRAGMA max_page_count = {pages + 40}")

    async def work(write: Writer) -> None:
        answers: list[object] = []
        for batch, size in enumerate([100, 9000, 90_000, 300_000, 100, 50_000, 100]):
            sizes = [100, size, 100]
            operations = [bind(f"{batch}-{number}", "x" * size) for number, size in enumerate(sizes)]
            answers += await together(write, *operations)
        durable = [answer for answer in answers if isinstance(answer, str)]
        assert 0 < len(durable) < len(answers)
        assert durable == names_in(path)
        assert {str(fault) for fault in answers if not isinstance(fault, str)} == {
            f"the state in `{path}` cannot be used: database or disk is full"
        }

    written(ledger, work)


def test_leaving_waits_for_what_was_asked_for(ledger: Ledger) -> None:
    async def whole() -> list[str]:
        async with Writer(ledger) as write:
            answers = [asyncio.ensure_future(write(bind(name))) for name in "abc"]
            await asyncio.sleep(0)
        return [await answer for answer in answers]

    assert asyncio.run(whole()) == ["a", "b", "c"]
    assert names_in(file_of(ledger)) == ["a", "b", "c"]


def test_what_is_asked_for_after_leaving_is_refused_and_waits_for_nobody(ledger: Ledger) -> None:
    async def late() -> None:
        async with Writer(ledger) as write:
            await write(bind("in time"))
        with pytest.raises(StateFault, match="the ledger is closed"):
            await write(bind("late"))

    asyncio.run(late())
    assert names_in(file_of(ledger)) == ["in time"]


def test_a_caller_that_is_cancelled_takes_nothing_back_and_harms_nobody(ledger: Ledger) -> None:
    async def work(write: Writer) -> None:
        impatient = asyncio.ensure_future(write(bind("impatient")))
        patient = asyncio.ensure_future(write(bind("patient")))
        await asyncio.sleep(0)
        impatient.cancel()
        assert await patient == "patient"
        with pytest.raises(asyncio.CancelledError):
            await impatient

    written(ledger, work)
    assert names_in(file_of(ledger)) == ["impatient", "patient"]


def test_a_plan_that_is_half_adopted_does_not_swallow_the_commits_of_a_run(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.sqlite")
    adopt(ledger, generation("a"))
    with suppress(AssertionError), ledger.adopting() as adoption:
        adoption.take([generation("b"), generation("c")])  # and it is still under way

        async def work(write: Writer) -> None:
            await write(bind("reported durable"))

        try:
            written(ledger, work)
            said = True
        except StateFault:
            said = False  # refusing is as good
        seen = names_in(tmp_path / "ledger.sqlite")
    ledger.close()
    assert seen == (["reported durable"] if said else [])


FLOOD = """
import asyncio, sys
from pathlib import Path
from mjpipe.ledger import Ledger, Writer
async def one(write, number):
    await write(lambda ledger: ledger.connection.execute("INSERT INTO bindings VALUES (?, '')", (f"{number}.",)))
    print(f"{number}.", flush=True)
async def main():
    async with Writer(Ledger.open(Path(sys.argv[1]))) as write:
        for start in range(0, 10**9, 20):
            await asyncio.gather(*(one(write, number) for number in range(start, start + 20)))
asyncio.run(main())
"""


def test_what_was_reported_durable_survives_a_kill(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite"
    with child(FLOOD, path) as process:
        assert process.stdout is not None
        first = [process.stdout.readline() for _ in range(21)]
        process.kill()
        said = re.findall(r"\d+\.", "".join(first) + process.stdout.read())
        kill(process)
    assert len(said) > 20
    assert set(said) <= set(names_in(path))


def test_an_intent_through_the_writer_is_read_by_others_before_it_is_returned(ledger: Ledger) -> None:
    adopt(ledger, generation("a"))

    async def work(write: Writer) -> None:
        (intent,) = (await write(intend)).intents
        records = Records.open(file_of(ledger))
        job = records.job("hero/a")
        records.close()
        assert job is not None
        assert [attempt.body for attempt in job.attempts] == [intent.body]

    written(ledger, work)
