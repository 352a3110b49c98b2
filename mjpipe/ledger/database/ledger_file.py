"""The SQLite file: opening it to write, to read, or as a copy."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from mjpipe.domain import StateFault
from mjpipe.files import make_folders, make_private_file, state_faults
from mjpipe.ledger.database.connection import LedgerConnection, connect, primary_code, restore, use_wal
from mjpipe.ledger.database.damage import check_pages
from mjpipe.ledger.database.migration import VERSION, bring_up_to_date, format_of, make_schema, refuse_other_formats

MAY_NOT_WRITE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN)
"""What SQLite reports when the files beside the database are missing and cannot be made: it needs them even to read.

A run removes them when it ends. Then the file alone holds everything, and can be read as one that nobody changes.
"""


def ledger_exists(path: Path) -> bool:
    """Whether there is a ledger. A file that exists is never a new one, whatever is in it.

    Raises StateFault for something that cannot be a ledger, and where one is gone: SQLite keeps the last changes of a
    ledger in use in a file beside it, and that is still there.
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

    `synchronous=FULL` makes each commit durable: what is committed survives a power cut. All pages are checked first: a
    damaged one that shows later may be the one for a taskId. `named` is the path for messages when the file is a copy.
    Raises StateFault when the file cannot be used.
    """
    named = named or path
    with state_faults(named):
        make_folders(path.parent, private=True)
        if not ledger_exists(path):
            _make(path)
    connection = connect(f"{path.absolute().as_uri()}?mode=rw", named, uri=True)
    with _closed_if_refused(connection):
        check_pages(connection)
        refuse_other_formats(connection, named)
        use_wal(connection)
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA cache_size=-16000")
        bring_up_to_date(connection, named)
        connection.execute("PRAGMA foreign_keys=ON")
    return connection


def _make(path: Path) -> None:
    """Under another name first: a reader finds a file with the schema in it, or no file. It never has a journal that a
    reader would have to roll back.
    """
    new = path.with_name(f"{path.name}.new")
    for ending in ("", "-journal", "-wal", "-shm"):  # a process that was killed may have left them
        new.with_name(f"{new.name}{ending}").unlink(missing_ok=True)
    make_private_file(new)  # SQLite gives the files beside it the same mode
    with closing(connect(new, new)) as connection:
        make_schema(connection)
        use_wal(connection)
    new.rename(path)


def open_in_memory() -> LedgerConnection:
    """A connection to an empty ledger that nobody else sees."""
    connection = connect(":memory:", Path(":memory:"))
    make_schema(connection)
    return connection


def open_read_only(path: Path) -> LedgerConnection:
    """A connection that only reads; a run may be writing meanwhile. Raises StateFault when the file cannot be used."""
    return _open_to_read(path, "ro")


def open_to_report(path: Path) -> LedgerConnection:
    """As `open_read_only`, and where the file can be written, so can the record of what was reported."""
    return _open_to_read(path, "rw")


def open_in_any_format(path: Path) -> LedgerConnection:
    """As `open_read_only`, but a file of an older format is read as it is: for what all formats have."""
    return _open_as_it_is(path, "ro")


def _open_as_it_is(path: Path, mode: str) -> LedgerConnection:
    if not ledger_exists(path):
        raise StateFault(f"`{path}` is gone", help=restore(path))
    try:
        return _connected(path, f"mode={mode}")
    except StateFault as fault:
        if primary_code(fault.__cause__) not in MAY_NOT_WRITE or _is_in_use(path):
            raise
        return _connected(path, "mode=ro&immutable=1")


def _connected(path: Path, how: str) -> LedgerConnection:
    connection = connect(f"{path.absolute().as_uri()}?{how}", path, uri=True)
    with _closed_if_refused(connection):
        refuse_other_formats(connection, path)
    return connection


def _open_to_read(path: Path, mode: str) -> LedgerConnection:
    connection = _open_as_it_is(path, mode)
    with _closed_if_refused(connection):
        is_present = format_of(connection) == VERSION
    if is_present:
        return connection
    # Reading must not write, and queries know one format alone.
    copy = in_a_copy(connection)
    with _closed_if_refused(copy):
        bring_up_to_date(copy, path)
    return copy


def _is_in_use(path: Path) -> bool:
    """Whether a run may be writing, or may begin to: then the file alone is not, or will not be, everything."""
    may_write = os.access(path.parent, os.W_OK, effective_ids=os.access in os.supports_effective_ids)
    return may_write or path.with_name(f"{path.name}-wal").exists()


def in_a_copy(original: LedgerConnection) -> LedgerConnection:
    """A connection to a copy; the original is closed.

    The copy is a file that SQLite removes with the connection; what is written to it is forgotten.
    """
    with closing(original):
        return copied(original)


def copied(original: LedgerConnection) -> LedgerConnection:
    """A connection to a copy, like that of `in_a_copy`; the original stays open."""
    copy = connect("", original.named)
    with _closed_if_refused(copy):
        original.backup(copy)
    return copy


def copy_database(original: Path, copy: Path) -> None:
    """A consistent copy, also while a run writes the original. Raises StateFault."""
    with closing(open_read_only(original)) as source, closing(connect(copy, copy)) as target:
        source.backup(target)


@contextmanager
def _closed_if_refused(connection: sqlite3.Connection) -> Iterator[None]:
    """Closes the connection when what happens inside raises."""
    try:
        yield
    except BaseException:
        connection.close()
        raise
