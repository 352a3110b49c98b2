"""A connection to a ledger: whatever SQLite cannot do with its file is a StateFault, wherever it shows."""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self, TypeVar

from mjpipe.domain import StateFault
from mjpipe.files import file_system_of, nearest

R = TypeVar("R", bound=NamedTuple)

BUSY_SECONDS = 30

_IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DISK = (
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_AUTH,
)
"""What SQLite reports when the disk refuses; the file itself may be whole."""

_NO_WAL = (
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_IOERR_LOCK,
    sqlite3.SQLITE_IOERR_RDLOCK,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
    sqlite3.SQLITE_IOERR_SHMLOCK,
    sqlite3.SQLITE_IOERR_SHMMAP,
)
"""What SQLite reports, with details, where the file system cannot do what WAL needs: FAT, exFAT, some networks."""

_NO_FAULTS = (sqlite3.IntegrityError, sqlite3.ProgrammingError)
"""Errors that are not the file's: a rule of the schema, which the caller knows, and our own mistakes."""


class LedgerConnection(sqlite3.Connection):
    """Faults may show late: when rows are read, when a copy is made. So each call translates them.

    `named` is the path for messages: that of the original when this is a copy.
    """

    named: Path

    # The methods of the class above make plain cursors.
    def execute(self, sql: str, parameters: Any = (), /) -> "_Cursor":
        return self.cursor(_Cursor).execute(sql, parameters)

    def rows(self, shape: type[R], sql: str, parameters: Any = (), /) -> Iterator[R]:
        """Rows with named columns. The query names its columns as `shape` names its fields, in the same order."""
        cursor = self.execute(sql, parameters)
        assert tuple(column[0] for column in cursor.description) == shape._fields
        return map(shape._make, cursor)

    def value(self, sql: str, parameters: Any = (), /) -> Any:
        """The first column of the first row, None without a row."""
        row = self.execute(sql, parameters).fetchone()
        return None if row is None else row[0]

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> "_Cursor":
        return self.cursor(_Cursor).executemany(sql, parameters)

    def executescript(self, script: str, /) -> "_Cursor":
        return self.cursor(_Cursor).executescript(script)

    def backup(self, target: sqlite3.Connection, **options: Any) -> None:
        try:
            super().backup(target, **options)
        except sqlite3.DatabaseError as fault:
            raise state_fault(self.named, fault) from fault


class _Cursor(sqlite3.Cursor):
    connection: LedgerConnection

    def execute(self, sql: str, parameters: Any = (), /) -> Self:
        try:
            return super().execute(sql, parameters)
        except sqlite3.DatabaseError as fault:
            raise self._translated(fault) from fault

    def executemany(self, sql: str, parameters: Iterable[Any], /) -> Self:
        try:
            return super().executemany(sql, parameters)
        except sqlite3.DatabaseError as fault:
            raise self._translated(fault) from fault

    def executescript(self, script: str, /) -> Self:
        try:
            super().executescript(script)
        except sqlite3.DatabaseError as fault:
            raise self._translated(fault) from fault
        return self

    def __next__(self) -> Any:
        try:
            return super().__next__()
        except sqlite3.DatabaseError as fault:
            raise self._translated(fault) from fault

    def fetchone(self) -> Any:
        try:
            return super().fetchone()
        except sqlite3.DatabaseError as fault:
            raise self._translated(fault) from fault

    def fetchall(self) -> list[Any]:
        try:
            return super().fetchall()
        except sqlite3.DatabaseError as fault:
            raise self._translated(fault) from fault

    def _translated(self, fault: sqlite3.DatabaseError) -> Exception:
        return fault if isinstance(fault, _NO_FAULTS) else state_fault(self.connection.named, fault)


def connect(address: str | Path, named: Path, *, uri: bool = False) -> LedgerConnection:
    """Opens a database. Statements begin and end its transactions. Other threads may use it, one at a time.

    Raises StateFault.
    """
    try:
        connection = sqlite3.connect(
            address,
            uri=uri,
            isolation_level=None,
            check_same_thread=False,
            timeout=BUSY_SECONDS,
            factory=LedgerConnection,
        )
    except sqlite3.DatabaseError as fault:
        raise state_fault(named, fault) from fault
    connection.named = named
    return connection


def state_fault(path: Path, fault: sqlite3.DatabaseError) -> StateFault:
    """What SQLite reports about a file, and what a person can do about it."""
    code = primary_code(fault)
    if code in _IN_USE:
        remedy = "another process has it: wait for that to end, then type the command again"
    elif getattr(fault, "sqlite_errorcode", None) in _NO_WAL:
        remedy = without_wal(path)
    elif code in _DISK:
        remedy = f"check the disk (`df`) and the permissions, then type the command again. {keep(path)}"
    else:
        remedy = restore(path)
    return StateFault(f"the state in `{path}` cannot be used: {fault}", help=remedy)


def primary_code(fault: BaseException | None) -> int | None:
    """SQLite's code for a fault, without details; None for other faults."""
    code = getattr(fault, "sqlite_errorcode", None)
    return None if code is None else int(code) & 0xFF


def without_wal(path: Path) -> str:
    """Help for a ledger on a file system where SQLite's WAL does not work."""
    kind = file_system_of(nearest(path.absolute()))
    where = "the file system there" if kind is None else f"its file system ({kind})"
    return (
        f"{where} lacks what SQLite's WAL needs, as FAT, exFAT and network drives do: move `{path.parent}` to another "
        f"disk of this machine, and name it from now on: --state DIR. {keep(path)}"
    )


def use_wal(connection: LedgerConnection) -> None:
    """Raises StateFault where the file system cannot do what that needs."""
    (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    if mode != "wal":
        fault = f"the state in `{connection.named}` cannot be used: SQLite stays in journal mode `{mode}`"
        raise StateFault(fault, help=without_wal(connection.named))


def restore(path: Path) -> str:
    """Help for a ledger that is damaged or gone."""
    return f"put `{path.parent}` back from a backup, the whole folder. {keep(path)}"


def keep(path: Path) -> str:
    return f"Do not remove `{path.name}`: it holds what was paid for, and a run without it buys everything again"
