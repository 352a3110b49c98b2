"""The SQLite file: opening it, its version, and its transactions."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path
from typing import Literal

from mjpipe.domain import StateFault
from mjpipe.files import state_faults
from mjpipe.ledger.connection import LedgerConnection, connect, primary_code, restore, state_fault
from mjpipe.ledger.forms import bring_forms_up_to_date

VERSION = 4
"""What `PRAGMA user_version` says in a file that this release writes; `migrations/` leads there from each older one."""

MAY_NOT_WRITE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
"""What SQLite says where the files beside the database are not there and cannot be made, which it needs even to read.

A run removes them when it ends. Then the file alone says all, and can be read as one that nobody changes.
"""


def ledger_exists(path: Path) -> bool:
    """Whether there is a ledger: a file that exists is never a new one, whatever is in it.

    Raises StateFault for what can be no ledger, and where one has been: SQLite keeps the last changes of a ledger that
    is in use in files beside it.
    """
    beside = path.with_name(f"{path.name}-wal")
    with state_faults(path):
        # In this order: a run that begins makes the file first.
        was_in_use = beside.exists()
        if path.is_file():
            if path.stat().st_size == 0:
                # SQLite would take it for a new database, and remove the file beside it that may have all of it.
                raise StateFault(f"`{path}` is empty: it says nothing of what was paid for", help=restore(path))
            return True
        if path.is_symlink() or path.exists():
            raise StateFault(f"`{path}` is not a file that can be read", help=restore(path))
    if was_in_use:
        raise StateFault(
            f"`{path}` is gone, and `{beside.name}` beside it says that there was one",
            help=f"put `{path.name}` back beside it: a run without it buys everything again",
        )
    return False


def open_database(path: Path, *, named: Path | None = None) -> LedgerConnection:
    """A connection that writes, with the schema in place; a file of an older format is brought up to date.

    `synchronous=FULL` makes each commit durable: what is committed survives a power cut. All pages are looked at
    first: a damaged one that shows later may be the one that a taskId is to be recorded in. `named` is what messages
    call the file, when that is a copy of another. Raises StateFault when the file cannot be used.
    """
    named = named or path
    with state_faults(named):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not ledger_exists(path):
            _make(path)
    connection = connect(f"{path.absolute().as_uri()}?mode=rw", named, uri=True)
    with closed_if_refused(connection):
        _check_pages(connection)
        _refuse_other_versions(_version(connection), named)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-16000")
        bring_up_to_date(connection, named)
        connection.execute("PRAGMA foreign_keys=ON")
    return connection


def _check_pages(connection: LedgerConnection) -> None:
    if found := _damage(connection, "quick_check"):
        raise _damaged(connection, found)


def _damage(connection: LedgerConnection, pragma: Literal["quick_check", "integrity_check"]) -> str | None:
    """What SQLite finds first; the quick check does not hold tables against their indices."""
    (found,) = connection.execute(f"PRAGMA {pragma}(1)").fetchone()
    return None if found == "ok" else str(found).splitlines()[-1]


def _damaged(connection: LedgerConnection, found: str) -> StateFault:
    return StateFault(f"the state in `{connection.named}` is damaged: {found}", help=restore(connection.named))


@contextmanager
def damage_explains_faults(connection: LedgerConnection) -> Iterator[None]:
    """What goes wrong inside with a value that no mjpipe writes is the fault of the file, when that is damaged: then it
    is a StateFault. Else it is ours.
    """
    try:
        yield
    except (ValueError, LookupError, TypeError, AssertionError) as fault:
        # A connection that only reads would pass over the rules of the schema.
        with closing(connect("", connection.named)) as copy:
            connection.backup(copy)
            if found := _damage(copy, "integrity_check") or _unreadable(copy):
                raise _damaged(connection, found) from fault
        raise


_JSON_COLUMNS = {"jobs": ("request", "paths", "row", "labels"), "attempts": ("body", "actions")}


def _unreadable(connection: LedgerConnection) -> str | None:
    """The first column of a row that should hold JSON and does not, which SQLite does not look at."""
    for table, columns in _JSON_COLUMNS.items():
        for column in columns:
            wrong = f"SELECT id FROM {table} WHERE NOT json_valid(CAST({column} AS TEXT)) LIMIT 1"  # noqa: S608 - our words
            if (row := connection.execute(wrong).fetchone()) is not None:
                return f"`{column}` of row {row[0]} in `{table}` is not JSON"
    return None


def _make(path: Path) -> None:
    """Under another name first: whoever reads finds the schema in it, or no file."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with closing(connect(new, new)) as connection:
        _run_script(connection, ["schema.sql"])
        connection.execute("COMMIT")
    new.rename(path)


def open_in_memory() -> LedgerConnection:
    """A connection to a ledger of its own that nobody else sees."""
    connection = connect(":memory:", Path(":memory:"))
    _run_script(connection, ["schema.sql"])
    connection.execute("COMMIT")
    return connection


def open_read_only(path: Path) -> LedgerConnection:
    """A connection that only reads; a run may be writing meanwhile. Raises StateFault when the file cannot be used."""
    return _open_to_read(path, "ro")


def open_to_report(path: Path) -> LedgerConnection:
    """As `open_read_only`, but that what was reported can be remembered, where the file can be written."""
    return _open_to_read(path, "rw")


def _open_to_read(path: Path, mode: str) -> LedgerConnection:
    if not ledger_exists(path):
        raise StateFault(f"`{path}` is gone", help=restore(path))
    try:
        return _reading(path, f"mode={mode}")
    except StateFault as fault:
        if primary_code(fault.__cause__) not in MAY_NOT_WRITE or _is_in_use(path):
            raise
        return _reading(path, "mode=ro&immutable=1")


def _reading(path: Path, how: str) -> LedgerConnection:
    connection = connect(f"{path.absolute().as_uri()}?{how}", path, uri=True)
    with closed_if_refused(connection):
        version = _version(connection)
        _refuse_other_versions(version, path)
    if version == VERSION:
        return connection
    # Reading must not write, and queries know one format alone.
    copy = in_a_copy(connection)
    with closed_if_refused(copy):
        bring_up_to_date(copy, path)
    return copy


def _is_in_use(path: Path) -> bool:
    """Whether what the file says may not be all, or may soon not be so: of what one may write, this is not to ask."""
    may_write = os.access(path.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    return may_write or path.with_name(f"{path.name}-wal").exists()


def in_a_copy(original: LedgerConnection) -> LedgerConnection:
    """A connection to a copy, in place of the original, which is closed.

    The copy is a file that SQLite removes with the connection; what is written to it is forgotten.
    """
    copy = connect("", original.named)
    with closing(original), closed_if_refused(copy):
        original.backup(copy)
    return copy


def copy_database(original: Path, copy: Path) -> None:
    """A consistent copy, also while a run writes the original. Raises StateFault."""
    with closing(open_read_only(original)) as source, closing(connect(copy, copy)) as target:
        source.backup(target)


def bring_up_to_date(connection: LedgerConnection, path: Path) -> None:
    """Gives an older ledger the present format; `path` names it in messages.

    All of it is one transaction: what is cut short leaves the file as it was. Raises StateFault for the format of a
    newer release.
    """
    version = _version(connection)
    _refuse_other_versions(version, path)
    if version < VERSION:
        connection.execute("PRAGMA foreign_keys=OFF")  # a migration drops a table that it has copied
        _run_script(connection, [f"migrations/{step}.sql" for step in range(version + 1, VERSION + 1)])
        bring_forms_up_to_date(connection, version)
        if (broken := connection.execute("PRAGMA foreign_key_check").fetchone()) is not None:
            found = f"`{broken[0]}` refers to rows of `{broken[2]}` that are gone"
            raise StateFault(f"the state in `{path}` is damaged: {found}", help=restore(path))
        connection.execute("COMMIT")


def _run_script(connection: LedgerConnection, names: list[str]) -> None:
    """Begins a transaction, which the caller commits."""
    script = "".join((resources.files("mjpipe.ledger") / name).read_text("utf-8") for name in names)
    connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version={VERSION};")


def _version(connection: LedgerConnection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _refuse_other_versions(version: int, path: Path) -> None:
    if version == 0:
        raise StateFault(f"`{path}` is a database, but not a ledger of mjpipe", help=restore(path))
    if not 1 <= version <= VERSION:
        raise StateFault(
            f"`{path}` has format {version}, and this mjpipe writes format {VERSION}",
            help="use the release of mjpipe that made it, or a newer one",
        )


@contextmanager
def closed_if_refused(connection: sqlite3.Connection) -> Iterator[None]:
    """Closes the connection when what happens inside raises."""
    try:
        yield
    except BaseException:
        connection.close()
        raise


@contextmanager
def transaction(connection: sqlite3.Connection, *, writes: bool = True) -> Iterator[None]:
    """All that happens inside is committed together, or not at all; inside another transaction it is a part of it.

    One that only reads sees the database as it was at its first reading. A broken rule of the schema is a StateFault.
    """
    if connection.in_transaction:
        yield
        return
    connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException as fault:
        # Also when the commit fails: what comes next must not find itself inside a transaction that nobody ends.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        if isinstance(fault, sqlite3.IntegrityError):
            raise _broken_rule(connection, fault) from fault
        raise


@contextmanager
def savepoint(connection: sqlite3.Connection) -> Iterator[None]:
    """Inside a transaction: what happens inside is undone alone when it raises."""
    connection.execute("SAVEPOINT operation")
    try:
        yield
    except BaseException as fault:
        if connection.in_transaction:
            connection.execute("ROLLBACK TO operation")
            connection.execute("RELEASE operation")
        if isinstance(fault, sqlite3.IntegrityError):
            raise _broken_rule(connection, fault) from fault
        raise
    connection.execute("RELEASE operation")


def _broken_rule(connection: sqlite3.Connection, fault: sqlite3.IntegrityError) -> StateFault:
    """A rule of the schema that nobody inside has expected to be broken."""
    assert isinstance(connection, LedgerConnection)
    return state_fault(connection.named, fault)
