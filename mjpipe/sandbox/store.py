"""The sandbox's tasks and account, kept in SQLite between processes."""

import hashlib
import json
import sqlite3
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import resources
from pathlib import Path

from mjpipe.contract import Mode, Speed
from mjpipe.domain import StateFault, TaskId, Usd, from_micros, micros
from mjpipe.files import make_folders, make_private_file
from mjpipe.sandbox.envelope import Refusal
from mjpipe.sandbox.task import NO_TASK_FAULT, Picture, Task, TaskFault

_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """The delivery of a task's webhook. It is settled when the receiver took it, or when it was given up."""

    tries: int
    settled: bool


class Store:
    """One connection, for one thread at a time. Raises StateFault when the folder or the database cannot be used."""

    def __init__(self, folder: Path) -> None:
        try:
            make_folders(folder, private=True)
            make_private_file(folder / "sandbox.sqlite")
            self._db = sqlite3.connect(folder / "sandbox.sqlite", isolation_level=None, check_same_thread=False)
            self._db.row_factory = sqlite3.Row
        except (OSError, sqlite3.Error) as error:
            raise StateFault(f"the sandbox cannot keep its state in `{folder}`: {error}") from error
        try:
            self._prepare(folder)
        except sqlite3.Error as error:
            self._db.close()
            raise StateFault(f"`{folder / 'sandbox.sqlite'}` cannot be used: {error}") from error
        except StateFault:
            self._db.close()
            raise

    def _prepare(self, folder: Path) -> None:
        self._db.execute("PRAGMA busy_timeout = 5000")
        self._db.execute("PRAGMA journal_mode = WAL")
        # A commit survives the end of the process, as promised; a crash of the machine could undo it.
        self._db.execute("PRAGMA synchronous = NORMAL")
        with Transaction(self._db):
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                schema = (resources.files("mjpipe.sandbox") / "schema.sql").read_text("utf-8")
                for statement in schema.split(";"):
                    self._db.execute(statement)
                self._db.execute(f"PRAGMA user_version = {_VERSION}")
            elif version != _VERSION:
                raise StateFault(
                    f"the state in `{folder}` was written by another version of the sandbox",
                    help="remove the folder, or name another with --state",
                )

    def close(self) -> None:
        self._db.close()

    def accept(self, task: Task, *, balance: Usd | None, concurrency: int | None) -> None:
        """Store and charge a task. Raises Refusal: 402 when the balance is too low, 429 when too many are under way."""
        price = None if task.price is None else micros(task.price)
        with Transaction(self._db):
            if balance is not None and self._spent() + (price or 0) > micros(balance):
                raise Refusal(402)
            if concurrency is not None and self._under_way(task.created) >= concurrency:
                raise Refusal(429)
            self._db.execute(
                "INSERT INTO tasks (id, input, mode, configuration, speed, draft, source_id, source_index, seed,"
                " price_micros, created, completed, images, flaw, origin, photo, callback_url)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    task.id,
                    json.dumps(task.input, separators=(",", ":")),
                    task.mode,
                    task.configuration,
                    task.speed,
                    task.draft,
                    task.source and task.source.task_id,
                    task.source and task.source.index,
                    task.seed,
                    price,
                    task.created,
                    task.completed,
                    task.images,
                    None if task.fault == NO_TASK_FAULT else json.dumps(asdict(task.fault)),
                    task.origin,
                    task.photo,
                    task.callback_url,
                ),
            )
            self._db.execute("UPDATE account SET spent_micros = spent_micros + ?", (price or 0,))

    def task(self, task_id: str) -> Task | None:
        row = self._db.execute("SELECT * FROM tasks WHERE id = ?", (task_id,)).fetchone()
        return None if row is None else _from_row(row)

    def tasks(self) -> Iterator[tuple[Task, Callback]]:
        """All tasks, in the order of acceptance."""
        for row in self._db.execute("SELECT * FROM tasks ORDER BY number"):
            yield _from_row(row), Callback(tries=row["callback_tries"], settled=bool(row["callback_settled"]))

    def keep_photo(self, content: bytes) -> str:
        """The name under which `photo` finds it again."""
        digest = hashlib.sha256(content).hexdigest()
        self._db.execute("INSERT OR IGNORE INTO photos VALUES (?, ?)", (digest, content))
        return digest

    def photo(self, digest: str) -> bytes:
        return bytes(self._db.execute("SELECT content FROM photos WHERE digest = ?", (digest,)).fetchone()[0])

    def spent(self) -> Usd:
        return from_micros(self._spent())

    def _spent(self) -> int:
        return int(self._db.execute("SELECT spent_micros FROM account").fetchone()[0])

    def _under_way(self, now: int) -> int:
        return int(self._db.execute("SELECT count(*) FROM tasks WHERE completed > ?", (now,)).fetchone()[0])

    def undelivered(self) -> list[tuple[Task, int]]:
        """The tasks whose webhook is not settled, and how often it was tried."""
        owed = "SELECT * FROM tasks WHERE callback_url IS NOT NULL AND NOT callback_settled ORDER BY number"
        return [(_from_row(row), row["callback_tries"]) for row in self._db.execute(owed)]

    def tried_callback(self, task_id: TaskId, *, settled: bool) -> None:
        self._db.execute(
            "UPDATE tasks SET callback_tries = callback_tries + 1, callback_settled = ? WHERE id = ?",
            (settled, task_id),
        )


class Transaction:
    """Takes the write lock at once: what is read inside cannot change before it is written."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db

    def __enter__(self) -> None:
        self._db.execute("BEGIN IMMEDIATE")

    def __exit__(self, error: object, *_: object) -> None:
        self._db.execute("COMMIT" if error is None else "ROLLBACK")


def _from_row(row: sqlite3.Row) -> Task:
    source, price, fault = row["source_id"], row["price_micros"], row["flaw"]
    return Task(
        id=row["id"],
        input=json.loads(row["input"]),
        mode=Mode(row["mode"]),
        configuration=Mode(row["configuration"]),
        speed=None if row["speed"] is None else Speed(row["speed"]),
        draft=bool(row["draft"]),
        source=None if source is None else Picture(task_id=source, index=row["source_index"]),
        seed=row["seed"],
        price=None if price is None else from_micros(price),
        created=row["created"],
        completed=row["completed"],
        images=row["images"],
        fault=NO_TASK_FAULT if fault is None else _read_fault(fault),
        origin=row["origin"],
        photo=row["photo"],
        callback_url=row["callback_url"],
    )


def _read_fault(text: str) -> TaskFault:
    document = json.loads(text)
    return TaskFault(**{**document, "without": tuple(document["without"])})
