"""Sums of the attempts that were adopted after their state was lost, and of those that a person has set aside."""

from collections.abc import Mapping

from mjpipe.domain import Amount, from_micros
from mjpipe.ledger.database import LedgerConnection, queries
from mjpipe.ledger.receipts import RecoveredFrom

_SQL = queries(__file__)


def recovered_amounts(connection: LedgerConnection) -> Mapping[RecoveredFrom, Amount]:
    """By the record that named them; without what was set aside."""
    rows = connection.execute(_SQL["recovered"])
    return {RecoveredFrom(found_in): _paid(*sums) for found_in, *sums in rows}


def set_aside_amount(connection: LedgerConnection) -> Amount:
    """Those whose results no job gets, because a person has said to pay again."""
    return _paid(*connection.execute(_SQL["set_aside"]).fetchone())


def _paid(attempts: int, price: int, priced: int) -> Amount:
    return Amount(usd=from_micros(price), priced=priced, unpriced=attempts - priced)
