"""The SQLite file: opening it, its version, its transactions, and its faults in our words."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path

from mjpipe.domain import StateFault, reason_of

VERSION = 2
"""What `PRAGMA user_version` says in a file that this release writes; `migrations/` leads there from each older one."""

BUSY_SECONDS = 30

MAY_NOT_WRITE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
"""What SQLite says where the files beside the database are not there and cannot be made, which it needs even to read.

A run removes them when it ends. Then the file alone says all, and can be read as one that nobody changes.
"""


def open_database(path: Path) -> sqlite3.Connection:
    """A connection that writes, with the schema in place; a file of an older format is brought up to date.

    `synchronous=FULL` makes each commit durable: what is committed survives a power cut. Raises StateFault when the
    file cannot be used.
    """
    with state_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _make(path)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
        with closed_if_refused(connection):
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("PRAGMA foreign_keys=ON")
            connection.execute("PRAGMA cache_size=-16000")
            bring_up_to_date(connection, path)
        return connection


def _make(path: Path) -> None:
    """Under another name first: whoever reads finds the schema in it, or no file."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    with closing(sqlite3.connect(new, isolation_level=None)) as connection:
        bring_up_to_date(connection, path)
    new.rename(path)


def open_in_memory() -> sqlite3.Connection:
    """A connection to a ledger of its own that nobody else sees."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    bring_up_to_date(connection, Path(":memory:"))
    return connection


def open_read_only(path: Path) -> sqlite3.Connection:
    """A connection that only reads; a run may be writing meanwhile. Raises StateFault when the file cannot be used."""
    return _open_to_read(path, "ro")


def open_to_report(path: Path) -> sqlite3.Connection:
    """As `open_read_only`, but that what was reported can be remembered, where the file can be written."""
    return _open_to_read(path, "rw")


def _open_to_read(path: Path, mode: str) -> sqlite3.Connection:
    with state_faults(path):
        try:
            return _reading(path, f"mode={mode}")
        except sqlite3.OperationalError as fault:
            if fault.sqlite_errorcode & 0xFF not in MAY_NOT_WRITE or _is_in_use(path):
                raise
            return _reading(path, "mode=ro&immutable=1")


def _reading(path: Path, how: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?{how}"
    connection = sqlite3.connect(address, uri=True, isolation_level=None, timeout=BUSY_SECONDS)
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


def in_a_copy(original: sqlite3.Connection) -> sqlite3.Connection:
    """A connection to a copy, in place of the original, which is closed.

    The copy is a file that SQLite removes with the connection; what is written to it is forgotten.
    """
    copy = sqlite3.connect("", isolation_level=None)
    with closing(original), closed_if_refused(copy):
        original.backup(copy)
    return copy


def copy_database(original: Path, copy: Path) -> None:
    """A consistent copy, also while a run writes the original."""
    with state_faults(original), closing(open_read_only(original)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    """Gives an empty database the schema, and an older one the present format; `path` names it in messages.

    All of it is one transaction: what is cut short leaves the file as it was. Raises StateFault for the format of a
    newer release.
    """
    version = _version(connection)
    if version == VERSION:
        return
    if version == 0:
        steps = ["schema.sql"]
    else:
        _refuse_other_versions(version, path)
        steps = [f"migrations/{step}.sql" for step in range(version + 1, VERSION + 1)]
    script = "".join((resources.files("mjpipe.ledger") / step).read_text("utf-8") for step in steps)
    connection.executescript(f"BEGIN IMMEDIATE; {script} PRAGMA user_version={VERSION}; COMMIT;")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _refuse_other_versions(version: int, path: Path) -> None:
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

    One that only reads sees the database as it was at its first reading. What SQLite raises is a StateFault.
    """
    if connection.in_transaction:
        yield
        return
    with faults_of(connection):
        connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            # Also when the commit fails: what comes next must not find itself inside a transaction that nobody ends.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


@contextmanager
def savepoint(connection: sqlite3.Connection) -> Iterator[None]:
    """Inside a transaction: what happens inside is undone alone when it raises, what SQLite raises as a StateFault."""
    with faults_of(connection):
        connection.execute("SAVEPOINT operation")
        try:
            yield
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK TO operation")
                connection.execute("RELEASE operation")
            raise
        connection.execute("RELEASE operation")


@contextmanager
def faults_of(connection: sqlite3.Connection) -> Iterator[None]:
    """Faults of a connection's file in our words; for the inside of generators and methods."""
    try:
        yield
    except sqlite3.DatabaseError as fault:
        raise damaged(connection.execute("PRAGMA database_list").fetchone()[2], fault) from fault


@contextmanager
def database_faults(path: Path) -> Iterator[None]:
    """Faults of the database in a file, and nothing else, in our words; for the outside of whatever reads it."""
    try:
        yield
    except sqlite3.DatabaseError as fault:
        raise damaged(path, fault) from fault


def damaged(path: object, fault: sqlite3.DatabaseError) -> StateFault:
    return StateFault(
        f"the state in `{path}` cannot be used: {fault}",
        help="check the disk (`df`) and the permissions; a damaged file can be restored from a backup. "
        "Deleting it would forget what has been paid",
    )


@contextmanager
def state_faults(path: Path) -> Iterator[None]:
    """Faults of disk and database, as StateFault with the file's name."""
    try:
        with database_faults(path):
            yield
    except OSError as fault:
        raise StateFault(
            f"`{fault.filename or path}` cannot be used: {reason_of(fault)}",
            help="check the disk (`df`) and the permissions",
        ) from fault
