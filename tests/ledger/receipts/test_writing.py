"""Receipts: lines beside the state of what it has committed, before anybody may send anything."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mjpipe.domain import JobKey, JobState, Money, StateFault, TaskId, usd
from mjpipe.ledger import Intents, Ledger, Stored, Writer
from mjpipe.ledger.receipts.reading import read_receipts
from mjpipe.ledger.receipts.writing import OwnFiles
from mjpipe.ledger.writing.receipts import ReceiptWriter
from tests.ledger.jobs import (
    accept,
    adopt,
    decline,
    follow_up,
    generation,
    generations,
    intend,
    make,
    states,
    submit,
    succeed,
)
from tests.ledger.test_migration import of_format
from tests.ledger.test_writer import together
from tests.permissions import may_only_read, needs_permissions, shared_folder


@contextmanager
def opened(folder: Path, *, host: str | None = "api.test") -> Iterator[Ledger]:
    """A ledger that writes receipts, as a command has it."""
    ledger = Ledger.open(folder / "ledger.sqlite")
    try:
        with ledger.writing_receipts(folder / "receipts", host=host, campaign="spring"):
            yield ledger
    finally:
        ledger.close()


def own_file(folder: Path) -> Path:
    (path,) = (folder / "receipts").iterdir()
    return path


def lines(folder: Path) -> list[dict[str, Any]]:
    """All lines, without times, and the attempts by the order in which they were made."""
    found = [
        json.loads(line) for path in sorted((folder / "receipts").iterdir()) for line in path.read_text().splitlines()
    ]
    uids = dict.fromkeys(line["attempt"] for line in found if "attempt" in line)
    numbers = {uid: number for number, uid in enumerate(uids, 1)}
    for line in found:
        del line["at"]
        if "attempt" in line:
            line["attempt"] = numbers[line["attempt"]]
    return found


def events(folder: Path) -> list[str]:
    return [f"{line['event']} {line.get('key', '')}".rstrip() for line in lines(folder)]


HERO: dict[str, object] = {
    "host": "api.test",
    "campaign": "spring",
    "attempt": 1,
    "node": "hero",
    "key": "hero/a",
    "fingerprint": "hero-a",
    "mode": "text-to-image",
    "speed": "fast",
    "price": "0.20",
}
UPSCALE: dict[str, object] = {
    "host": "api.test",
    "campaign": "spring",
    "attempt": 2,
    "node": "upscale",
    "key": "upscale/a/1",
    "fingerprint": "upscale-hero-a-1",
    "mode": "upscale",
    "source": {"key": "hero/a", "task": "task_1", "number": 1},
    "price": "0.20",
}


def placed(key: str, task: str, count: int) -> list[dict[str, object]]:
    return [{"number": n, "path": f"{key}-{n}.png", "sha256": task, "size": 1} for n in range(count)]


def test_each_event_of_a_job_and_its_follow_up_is_one_line_with_all_facts(tmp_path: Path) -> None:
    hero = generation("a")
    with opened(tmp_path) as ledger:
        adopt(ledger, hero, follow_up(hero, 1))
        make(ledger)
        make(ledger, images=1)
    assert lines(tmp_path) == [
        {"mjpipe": 1, "event": "intent", **HERO},
        {"mjpipe": 1, "event": "answered", **HERO, "outcome": "accepted", "money": "reserved", "task": "task_1"},
        {"mjpipe": 1, "event": "ended", **HERO, "money": "spent", "images": 4},
        {"mjpipe": 1, "event": "placed", **HERO, "images": placed("hero/a", "task_1", 4)},
        {"mjpipe": 1, "event": "intent", **UPSCALE},
        {"mjpipe": 1, "event": "answered", **UPSCALE, "outcome": "accepted", "money": "reserved", "task": "task_2"},
        {"mjpipe": 1, "event": "ended", **UPSCALE, "money": "spent", "images": 1},
        {"mjpipe": 1, "event": "placed", **UPSCALE, "images": placed("upscale/a/1", "task_2", 1)},
    ]
    assert list(json.loads(own_file(tmp_path).read_text().splitlines()[4])) == [
        *(
            "mjpipe",
            "event",
            "at",
            "host",
            "campaign",
            "attempt",
            "node",
            "key",
            "fingerprint",
            "mode",
            "source",
            "price",
        ),
    ]


def test_what_a_person_says_of_a_lost_answer_is_a_line(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        adopt(ledger, generation("a"), generation("b"))
        for intent in intend(ledger).intents:
            decline(ledger, intent, JobState.IN_DOUBT, Money.AT_RISK)
    with opened(tmp_path) as ledger:
        ledger.decisions.resolve_as_task(JobKey("hero/a"), TaskId("task_9"), 7.0)
        ledger.decisions.resolve_as_not_sent(JobKey("hero/b"))
    said = [(line["key"], line["outcome"], line["money"], line.get("task")) for line in lines(tmp_path)[-2:]]
    assert said == [("hero/a", "adopted", "reserved", "task_9"), ("hero/b", "not_sent", "free", None)]


def test_names_of_nodes_and_picks_are_lines_without_an_attempt(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        adopt(ledger, generation("a"))
        (task,) = make(ledger)
        ledger.bind.node("cover", "hero")
        ledger.bind.pick(JobKey("hero/a"), "final", "pick 1", task.task)
    assert lines(tmp_path)[-2:] == [
        {
            "mjpipe": 1,
            "event": "picked",
            "host": "api.test",
            "campaign": "spring",
            "key": "hero/a",
            "node": "final",
            "words": "pick 1",
            "task": "task_1",
        },
        {"mjpipe": 1, "event": "renamed", "host": "api.test", "campaign": "spring", "node": "cover", "first": "hero"},
    ]


def _refused(ledger: Ledger) -> None:
    with suppress(LookupError), ledger.transaction():
        intend(ledger)
        raise LookupError("a person says no")


def test_what_a_transaction_undoes_is_in_no_receipt(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        adopt(ledger, generation("a"))
        _refused(ledger)
    assert not (tmp_path / "receipts").exists()


def written(ledger: Ledger, work: Callable[[Writer], Awaitable[None]], *, resting: float | None = None) -> None:
    async def whole() -> None:
        async with Writer(ledger, resting=resting) as write:
            await work(write)

    asyncio.run(whole())


def test_the_line_of_an_intent_is_on_disk_before_it_is_returned(tmp_path: Path) -> None:
    async def work(write: Writer) -> None:
        for name in ("a", "b"):
            (intent,) = (await write(lambda ledger: intend(ledger, limit=1))).intents
            assert events(tmp_path)[-1] == f"intent hero/{name}"
            await write(lambda ledger, intent=intent: accept(ledger, intent))  # type: ignore[misc]
            assert events(tmp_path)[-1] == f"intent hero/{name}"  # no flush for it alone

    with opened(tmp_path) as ledger:
        adopt(ledger, generation("a"), generation("b"))
        written(ledger, work)
    assert events(tmp_path) == ["intent hero/a", "answered hero/a", "intent hero/b", "answered hero/b"]


def test_a_task_is_in_the_receipts_as_soon_as_nobody_asks_for_anything(tmp_path: Path) -> None:
    async def work(write: Writer) -> None:
        (intent,) = (await write(intend)).intents
        await write(partial(accept, intent=intent))
        while events(tmp_path) != ["intent hero/a", "answered hero/a"]:  # noqa: ASYNC110 - a file says so
            await asyncio.sleep(0.01)

    with opened(tmp_path) as ledger:
        adopt(ledger, generation("a"))
        written(ledger, work, resting=0.001)


def test_what_has_no_receipt_is_not_sent_and_the_next_run_sends_it(tmp_path: Path) -> None:
    receipts = tmp_path / "receipts"
    faults = []

    async def work(write: Writer) -> None:
        receipts.write_text("a file where the folder should be")
        intending = write(intend)
        other = write(lambda ledger: ledger.bind.write("run_began", "7"))
        fault, done = await asyncio.gather(intending, other, return_exceptions=True)
        faults.append(str(fault))
        assert done is None

    with opened(tmp_path) as ledger:
        adopt(ledger, generation("a"), generation("b"))
        written(ledger, work)
        assert states(ledger, [generation("a"), generation("b")]) == [JobState.READY] * 2
        assert ledger.bindings.get("run_began") == "7"
        assert ledger.balance().reserved == usd("0")
        receipts.unlink()
    (fault,) = faults
    assert fault.startswith(f"`{receipts}/")
    with opened(tmp_path) as ledger:
        assert [intent.number for intent in intend(ledger).intents] == [2, 2]


class Counting(OwnFiles):
    """Counts how often lines are written, each time with one flush of the disk."""

    times = 0

    def add(self, lines: Iterable[str]) -> bool:
        added = super().add(lines)
        self.times += added
        return added


def test_a_group_of_operations_flushes_its_receipts_once_and_only_with_an_intent(tmp_path: Path) -> None:
    with closing(Ledger.open(tmp_path / "ledger.sqlite")) as ledger:
        files = Counting(tmp_path / "receipts", ledger.bindings.state_id())
        ledger.receipts = ReceiptWriter(ledger.connection, files, host="api.test", campaign="spring")
        ledger.receipts.catch_up()
        adopt(ledger, *generations(30))

        async def work(write: Writer) -> None:
            one = partial(intend, limit=1)
            both = await together(write, *[one] * 20, *[lambda ledger: ledger.balance()] * 20)
            assert files.times == 1
            intents = [intent for given in both if isinstance(given, Intents) for intent in given.intents]
            await together(write, *[partial(accept, intent=intent) for intent in intents])
            assert files.times == 1

        written(ledger, work)
        assert len(lines(tmp_path)) == 20
        ledger.receipts.finish()
        assert (files.times, len(lines(tmp_path))) == (2, 40)


def test_a_ledger_of_the_format_before_receipts_writes_all_of_them(tmp_path: Path) -> None:
    of_format(4, tmp_path / "ledger.sqlite")
    with opened(tmp_path):
        pass
    assert events(tmp_path) == [*ALL, *(line.replace("hero/a", "upscale/a/1") for line in ALL)]


def test_on_a_full_disk_half_a_line_is_written_and_is_no_damage_later(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    most = 4_000_000  # of each file, as if the disk had no more: the ledger is far below it
    with opened(tmp_path) as ledger:
        adopt(ledger, *generations(3))
        (first,) = intend(ledger, limit=1).intents
        ledger.receipts.flush()  # type: ignore[union-attr]
        accept(ledger, first)
    path = own_file(tmp_path)
    with path.open("ab") as file:
        room = most - 300 - path.stat().st_size
        file.write((b" " * 999 + b"\n") * (room // 1000) + b"\n" * (room % 1000))  # empty lines mean nothing
    faults: list[object] = []

    async def work(write: Writer) -> None:
        faults.extend(await asyncio.gather(write(intend), return_exceptions=True))

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    with opened(tmp_path) as ledger:
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
        try:
            written(ledger, work)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert path.stat().st_size == most
        assert states(ledger, generations(3)) == [JobState.SUBMITTED, JobState.READY, JobState.READY]
        assert [str(fault) for fault in faults] == [f"`{path}` cannot be written: file too large"]
        assert len(intend(ledger).intents) == 2
    known = read_receipts(path.parent).attempts
    assert sorted((attempt.key, str(attempt.outcome)) for attempt in known) == [
        ("hero/000", "accepted"),
        *(("hero/001", outcome) for outcome in ("None", "not_sent")),
        *(("hero/002", outcome) for outcome in ("None", "not_sent")),
    ]


def test_a_folder_that_goes_away_in_between_swallows_no_line(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        adopt(ledger, generation("a"), generation("b"))
        (first,) = intend(ledger, limit=1).intents
        ledger.receipts.flush()  # type: ignore[union-attr]
        own_file(tmp_path).unlink()
        (tmp_path / "receipts").rmdir()
        accept(ledger, first)
        ledger.receipts.flush()  # type: ignore[union-attr]
        assert events(tmp_path) == ["answered hero/a"]
    assert sorted(events(tmp_path)) == ["answered hero/a", "intent hero/a"]


ALL = ["intent hero/a", "answered hero/a", "ended hero/a", "placed hero/a"]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    with opened(tmp_path) as ledger:
        adopt(ledger, generation("a"))
        make(ledger)
    return tmp_path


def test_what_is_as_it_was_left_is_neither_read_nor_written(made: Path) -> None:
    before = own_file(made).stat()
    statements: list[str] = []
    ledger = Ledger.open(made / "ledger.sqlite")
    ledger.connection.set_trace_callback(statements.append)
    with ledger.writing_receipts(made / "receipts", host=None, campaign="spring"):
        pass
    ledger.close()
    assert [statement for statement in statements if statement.startswith("BEGIN")] == []
    assert own_file(made).stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.parametrize("kept", range(4))
def test_lines_that_are_lost_are_written_again_by_the_next_command(made: Path, kept: int) -> None:
    path = own_file(made)
    whole = path.read_text().splitlines(keepends=True)
    path.write_text("".join(whole[:kept]))
    with opened(made):
        pass
    assert sorted(path.read_text().splitlines(keepends=True)) == sorted(whole)


@pytest.mark.parametrize("torn", [2, 20, 200])
def test_what_a_crash_has_left_of_a_line_is_written_again_in_whole(made: Path, torn: int) -> None:
    path = own_file(made)
    whole = path.read_text()
    path.write_text(whole[:-torn])
    with opened(made):
        pass
    assert path.read_text() == whole


def test_a_line_that_an_editor_has_left_without_its_end_gets_it(made: Path) -> None:
    path = own_file(made)
    path.write_text(path.read_text().rstrip("\n"))
    with opened(made) as ledger:
        adopt(ledger, generation("a"), generation("b"))
        submit(ledger)
    assert events(made) == [*ALL, "intent hero/b", "answered hero/b"]


def test_the_whole_file_is_written_again_when_it_is_gone(made: Path) -> None:
    own_file(made).unlink()
    with opened(made):
        pass
    assert events(made) == ALL


def test_what_was_recorded_without_receipts_is_written_when_they_are_wanted_again(made: Path) -> None:
    ledger = Ledger.open(made / "ledger.sqlite")
    with ledger.writing_receipts(None, host="api.test", campaign="spring"):
        adopt(ledger, generation("a"), generation("b"))
        submit(ledger)
    ledger.close()
    with opened(made):
        pass
    assert events(made) == [*ALL, "intent hero/b", "answered hero/b"]


def test_what_a_killed_run_did_not_get_to_write_is_written_by_the_next_command(made: Path) -> None:
    ledger = Ledger.open(made / "ledger.sqlite")
    files = OwnFiles(made / "receipts", ledger.bindings.state_id())
    ReceiptWriter(ledger.connection, files, host="api.test", campaign="spring").catch_up()
    adopt(ledger, generation("a"), generation("b"))
    submit(ledger)
    ledger.close()
    with opened(made):
        pass
    assert events(made) == [*ALL, "intent hero/b", "answered hero/b"]


def test_files_that_know_more_than_the_ledger_are_looked_at_until_it_knows_it(made: Path) -> None:
    backup = (made / "ledger.sqlite").read_bytes()
    with opened(made) as ledger:
        adopt(ledger, generation("a"), generation("b"))
        succeed(ledger, submit(ledger)[0])
    (made / "ledger.sqlite").write_bytes(backup)
    said = own_file(made).read_text()
    for _ in range(2):
        with opened(made) as ledger:
            seen = ledger.receipt_files.seen()[own_file(made).name]
            assert not seen.is_still(own_file(made))
    assert own_file(made).read_text() == said


def test_the_next_file_is_begun_when_one_is_large(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        adopt(ledger, generation("a"), generation("b"))
        (first,) = intend(ledger, limit=1).intents
        ledger.receipts.flush()  # type: ignore[union-attr]
        with own_file(tmp_path).open("ab") as file:
            file.truncate(20_000_000)
    state = own_file(tmp_path).name.removesuffix("-1.jsonl")
    with opened(tmp_path) as ledger:
        accept(ledger, first)
    assert sorted(path.name for path in (tmp_path / "receipts").iterdir()) == [f"{state}-1.jsonl", f"{state}-2.jsonl"]


@needs_permissions
def test_a_file_that_belongs_to_somebody_else_since_a_checkout_is_left_for_the_next() -> None:
    with shared_folder() as folder:
        with opened(folder) as ledger:
            adopt(ledger, generation("a"))
            intend(ledger)
        folder.joinpath("receipts").chmod(0o777)
        files = OwnFiles(folder / "receipts", own_file(folder).name.partition("-")[0])
        with may_only_read(own_file(folder)):
            files.add(["{}\n"])
        assert sorted(path.stat().st_size > 10 for path in (folder / "receipts").iterdir()) == [False, True]


@pytest.mark.parametrize(("kind", "said"), [("link", "it is a link, not a file"), ("folder", "is a directory")])
def test_what_is_no_file_is_refused(made: Path, kind: str, said: str) -> None:
    path = own_file(made)
    kept = made / "kept"
    path.rename(kept)
    path.symlink_to(kept) if kind == "link" else path.mkdir()
    with pytest.raises(StateFault) as caught, opened(made):
        pass
    assert str(caught.value) == f"`{path}` cannot be written: {said}"


def test_of_an_image_that_was_moved_the_later_place_counts(tmp_path: Path) -> None:
    with opened(tmp_path) as ledger:
        assert ledger.receipts is not None
        adopt(ledger, generation("a"))
        (task,) = submit(ledger)
        succeed(ledger, task, images=1)
        image = Stored(number=0, path="m.png", sha256="a" * 64, size=1)
        ledger.files.record_fetched(task.job, task.attempt, [image], 2.0)
        ledger.receipts.flush()
        ledger.files.record_moved([(image, "a.png") for image in ledger.images.on_disk()])
    (attempt,) = read_receipts(tmp_path / "receipts").attempts
    assert [image.path for image in attempt.images] == ["a.png"]
