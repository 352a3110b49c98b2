"""What a budget and a person's consent leave for further attempts."""

from mjpipe.domain import Usd, micros
from mjpipe.ledger.values import Balance, Cap


class Room:
    """Room under `budget` and `cap`, None: no such bound. Under a cap, unpriced attempts are counted."""

    def __init__(self, balance: Balance, *, budget: Usd | None, cap: Cap | None) -> None:
        bounds = [micros(bound) for bound in (budget, None if cap is None else cap.usd) if bound is not None]
        self._micros = min(bounds) - micros(balance.committed) if bounds else None
        self._unpriced = None if cap is None else cap.unpriced - balance.unpriced

    def takes(self, price: Usd | None) -> bool:
        """Whether an attempt of that price fits. One that fits has its room from now on."""
        if price is None:
            return self._takes_unpriced()
        if self._micros is None:
            return True
        if micros(price) > self._micros:
            return False
        self._micros -= micros(price)
        return True

    def _takes_unpriced(self) -> bool:
        if self._unpriced is None:
            return True
        if self._unpriced < 1:
            return False
        self._unpriced -= 1
        return True
