"""The sums of a campaign's attempts, by what is known of their prices."""

import sqlite3

from mjpipe.domain import Money, from_micros
from mjpipe.ledger.values import Balance


def balance(connection: sqlite3.Connection) -> Balance:
    """Over all attempts of the campaign's life; triggers keep the sums."""
    sums = {
        money: (usd, unpriced)
        for money, usd, unpriced in connection.execute("SELECT money, micros, unpriced FROM money")
    }
    return Balance(
        spent=from_micros(sums[Money.SPENT][0]),
        reserved=from_micros(sums[Money.RESERVED][0]),
        at_risk=from_micros(sums[Money.AT_RISK][0]),
        unpriced=sum(sums[money][1] for money in (Money.SPENT, Money.RESERVED, Money.AT_RISK)),
    )
