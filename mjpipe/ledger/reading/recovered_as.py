"""What attempts that were recovered are in the present plan."""

import json
from collections.abc import Iterable, Mapping
from enum import StrEnum

from mjpipe.domain import Amount, from_micros
from mjpipe.ledger.database import LedgerConnection, queries

_SQL = queries(__file__)


class RecoveredAs(StrEnum):
    """What a recovered attempt is in the present plan."""

    DONE = "done"
    """its images are on disk"""
    TO_ASK = "to_ask"
    """the next run asks the service for its task or its images"""
    IN_DOUBT = "in_doubt"
    FAILED = "failed"
    EXTRA = "extra"
    """its job has another result"""
    ORPHAN = "orphan"
    """the manifest does not ask for its job"""
    SET_ASIDE = "set_aside"
    """a person has said to pay again"""


def recovered_as(connection: LedgerConnection, attempts: Iterable[int]) -> Mapping[RecoveredAs, Amount]:
    """What these attempts cost, without those that are certainly not billed. What none of them is, is left out."""
    rows = connection.execute(_SQL["recovered_as"], (json.dumps([*attempts]),))
    found = {
        RecoveredAs(became): Amount(usd=from_micros(price), priced=priced, unpriced=count - priced)
        for became, count, price, priced in rows
    }
    return {became: found[became] for became in RecoveredAs if became in found}
