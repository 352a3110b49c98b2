"""Sums of the attempts that were adopted after their state was lost, and of those that a person has set aside."""

from collections.abc import Mapping
from dataclasses import dataclass

from mjpipe.domain import Usd, from_micros
from mjpipe.ledger.database import LedgerConnection, queries
from mjpipe.ledger.receipts import RecoveredFrom

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidAttempts:
    """Attempts that are possibly billed, or will be. `usd` adds up the prices of the `priced` ones; the others' are not
    documented.
    """

    attempts: int
    usd: Usd
    priced: int


def recovered(connection: LedgerConnection) -> Mapping[RecoveredFrom, PaidAttempts]:
    """By the record that named them; without what was set aside."""
    rows = connection.execute(_SQL["recovered"])
    return {RecoveredFrom(found_in): _paid(*sums) for found_in, *sums in rows}


def set_aside(connection: LedgerConnection) -> PaidAttempts:
    """Those whose results no job gets, because a person has said to pay again."""
    return _paid(*connection.execute(_SQL["set_aside"]).fetchone())


def _paid(attempts: int, price: int, priced: int) -> PaidAttempts:
    return PaidAttempts(attempts=attempts, usd=from_micros(price), priced=priced)
