"""Damage of the file: what SQLite finds, and values that no mjpipe writes."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Literal

from mjpipe.domain import StateFault
from mjpipe.ledger.database.connection import LedgerConnection, connect, restore

_JSON_COLUMNS = {"jobs": ("request", "paths", "row", "labels"), "attempts": ("body", "actions")}


def check_pages(connection: LedgerConnection) -> None:
    if found := _damage(connection, "quick_check"):
        raise _damaged(connection, found)


@contextmanager
def damage_explains_faults(connection: LedgerConnection) -> Iterator[None]:
    """Inside, an error about a value that no mjpipe writes becomes a StateFault when the file is damaged. When it is
    not, the error is our bug and stays as it is.
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


def _damage(connection: LedgerConnection, pragma: Literal["quick_check", "integrity_check"]) -> str | None:
    """What SQLite finds first, None for nothing. The quick check does not compare tables with their indices."""
    (found,) = connection.execute(f"PRAGMA {pragma}(1)").fetchone()
    return None if found == "ok" else str(found).splitlines()[-1]


def _unreadable(connection: LedgerConnection) -> str | None:
    """The first column that should hold JSON and does not, None without one: SQLite does not look at that."""
    for table, columns in _JSON_COLUMNS.items():
        for column in columns:
            wrong = f"SELECT id FROM {table} WHERE NOT json_valid(CAST({column} AS TEXT)) LIMIT 1"  # noqa: S608 - our words
            if (row := connection.execute(wrong).fetchone()) is not None:
                return f"`{column}` of row {row[0]} in `{table}` is not JSON"
    return None


def _damaged(connection: LedgerConnection, found: str) -> StateFault:
    return StateFault(f"the state in `{connection.named}` is damaged: {found}", help=restore(connection.named))
