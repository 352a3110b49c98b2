"""The SQLite file of a ledger: its connection, format and transactions."""

from mjpipe.ledger.database.connection import LedgerConnection
from mjpipe.ledger.database.damage import damage_explains_faults
from mjpipe.ledger.database.ledger_file import (
    copied,
    copy_database,
    in_a_copy,
    ledger_exists,
    open_database,
    open_in_any_format,
    open_in_memory,
    open_read_only,
    open_to_report,
)
from mjpipe.ledger.database.migration import VERSION, bring_up_to_date
from mjpipe.ledger.database.partial_copy import copied_part
from mjpipe.ledger.database.place import Place, place_of
from mjpipe.ledger.database.queries import queries
from mjpipe.ledger.database.transactions import savepoint, transaction

__all__ = [
    "VERSION",
    "LedgerConnection",
    "Place",
    "bring_up_to_date",
    "copied",
    "copied_part",
    "copy_database",
    "damage_explains_faults",
    "in_a_copy",
    "ledger_exists",
    "open_database",
    "open_in_any_format",
    "open_in_memory",
    "open_read_only",
    "open_to_report",
    "place_of",
    "queries",
    "savepoint",
    "transaction",
]
