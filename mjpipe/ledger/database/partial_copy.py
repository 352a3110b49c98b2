"""A copy of the part of a ledger that belongs to a few jobs: to try a plan of these without copying the whole."""

import json
from collections.abc import Collection

from mjpipe.ledger.database.connection import LedgerConnection
from mjpipe.ledger.database.ledger_file import open_in_memory
from mjpipe.ledger.database.queries import queries
from mjpipe.ledger.database.transactions import transaction

_SQL = queries(__file__)

_ROWS = {
    "jobs": _SQL["which_jobs"],
    "attempts": _SQL["which_attempts"],
    "images": _SQL["which_images"],
    "bindings": None,
    "picks": None,
}
"""The tables that are copied, and which of their rows; None means all."""


def copied_part(
    original: LedgerConnection, *, keys: Collection[str], fingerprints: Collection[str]
) -> LedgerConnection:
    """A copy in memory with the jobs that have one of these keys or fingerprints, and those that they started from;
    what is written to it is forgotten. The original stays open.
    """
    copy = open_in_memory()
    copy.named = original.named
    chosen = json.dumps(
        [number for (number,) in original.execute(_SQL["chosen"], (json.dumps([*keys]), json.dumps([*fingerprints])))]
    )
    with transaction(original, writes=False), transaction(copy):
        for table, which in _ROWS.items():
            columns = ", ".join(name for _, name, *_ in copy.execute(f"PRAGMA table_info({table})"))
            rows = original.execute(f"SELECT {columns} FROM {table} {which or ''}", (chosen,) if which else ())  # noqa: S608 - our own names
            values = rows.fetchall()
            if values:
                marks = ", ".join("?" * len(values[0]))
                copy.executemany(f"INSERT OR REPLACE INTO {table} ({columns}) VALUES ({marks})", values)  # noqa: S608 - as above
    return copy
