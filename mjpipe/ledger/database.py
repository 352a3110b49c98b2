"""The SQLite file: opening it, its version, its transactions, and its faults in our words."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib import resources
from pathlib import Path

from mjpipe.domain import StateFault

VERSION = 1
"""What `PRAGMA user_version` says in a file that this release writes."""

BUSY_SECONDS = 30

CHOSEN = "CREATE TEMP TABLE chosen (key TEXT, fingerprint TEXT, PRIMARY KEY (key, fingerprint)) WITHOUT ROWID"
"""The jobs that a run is restricted to: known to its connection alone, and gone with it."""


def open_database(path: Path) -> sqlite3.Connection:
    """A connection that writes, with the schema in place.

    `synchronous=FULL` makes each commit durable: what is committed survives a power cut. Raises StateFault when the
    file cannot be used.
    """
    with state_faults(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA cache_size=-16000")
        _bring_up_to_date(connection, path)
        connection.execute(CHOSEN)
        return connection


def open_in_memory() -> sqlite3.Connection:
    """A connection to a ledger of its own that nobody else sees."""
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    _bring_up_to_date(connection, Path(":memory:"))
    connection.execute(CHOSEN)
    return connection


def open_read_only(path: Path) -> sqlite3.Connection:
    """A connection that only reads; a run may be writing meanwhile. Raises StateFault when the file cannot be used."""
    with state_faults(path):
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, timeout=BUSY_SECONDS
        )
        _refuse_other_versions(_version(connection), path)
        return connection


def copy_database(original: Path, copy: Path) -> None:
    """A consistent copy, also while a run writes the original."""
    with state_faults(original), closing(open_read_only(original)) as source, closing(sqlite3.connect(copy)) as target:
        source.backup(target)


def _bring_up_to_date(connection: sqlite3.Connection, path: Path) -> None:
    version = _version(connection)
    if version == 0:
        schema = (resources.files("mjpipe.ledger") / "schema.sql").read_text("utf-8")
        connection.executescript(f"BEGIN IMMEDIATE; {schema} PRAGMA user_version={VERSION}; COMMIT;")
    else:
        _refuse_other_versions(version, path)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _refuse_other_versions(version: int, path: Path) -> None:
    if version != VERSION:
        raise StateFault(
            f"`{path}` has format {version}, and this mjpipe writes format {VERSION}",
            help="use the release of mjpipe that made it, or a newer one",
        )


@contextmanager
def transaction(connection: sqlite3.Connection, *, writes: bool = True) -> Iterator[None]:
    """All that happens inside is committed together, or not at all; inside another transaction it is a part of it.

    One that only reads sees the database as it was at its first reading.
    """
    nested = connection.in_transaction
    connection.execute("SAVEPOINT operation" if nested else "BEGIN IMMEDIATE" if writes else "BEGIN")
    try:
        yield
        connection.execute("RELEASE operation" if nested else "COMMIT")
    except BaseException:
        # Also when the commit fails: what comes next must not find itself inside a transaction that nobody ends.
        if connection.in_transaction:
            connection.execute("ROLLBACK TO operation" if nested else "ROLLBACK")
            if nested:
                connection.execute("RELEASE operation")
        raise


@contextmanager
def faults_of(connection: sqlite3.Connection) -> Iterator[None]:
    """Faults of a connection's file in our words; for the inside of generators and methods."""
    try:
        yield
    except sqlite3.DatabaseError as fault:
        raise damaged(connection.execute("PRAGMA database_list").fetchone()[2], fault) from fault


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
        yield
    except sqlite3.DatabaseError as fault:
        raise damaged(path, fault) from fault
    except OSError as fault:
        raise StateFault(
            f"`{fault.filename or path}` cannot be used: {fault.strerror or fault}",
            help="check the disk (`df`) and the permissions",
        ) from fault
