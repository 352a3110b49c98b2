"""The sums of a campaign's attempts: reserved, spent, at risk."""

from mjpipe.domain import Money, from_micros
from mjpipe.ledger.database import LedgerConnection
from mjpipe.ledger.values import Balance


def balance(connection: LedgerConnection) -> Balance:
    """Over all attempts of the campaign's life; triggers keep the sums."""
    rows = connection.execute("SELECT money, micros, unpriced FROM money WHERE money <> 'free'").fetchall()
    usd = {money: from_micros(micros) for money, micros, _ in rows}
    return Balance(
        spent=usd[Money.SPENT],
        reserved=usd[Money.RESERVED],
        at_risk=usd[Money.AT_RISK],
        unpriced=sum(unpriced for _, _, unpriced in rows),
    )
