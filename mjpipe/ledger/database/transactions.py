"""Transactions: what happens inside is committed together, or not at all."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from mjpipe.domain import StateFault
from mjpipe.ledger.database.connection import LedgerConnection, state_fault


@contextmanager
def transaction(connection: sqlite3.Connection, *, writes: bool = True) -> Iterator[None]:
    """Commits all that happens inside together, or nothing. Inside another transaction it is part of that one.

    One that only reads sees the database as it was at its first read. A broken rule of the schema is a StateFault.
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
    """Part of a transaction that is undone alone when it raises."""
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
    """For a rule of the schema that nobody expected to be broken."""
    assert isinstance(connection, LedgerConnection)
    return state_fault(connection.named, fault)
