"""What a budget and a person's consent leave for further attempts."""

from mjpipe.domain import Usd, micros
from mjpipe.ledger.values import Balance, Cap


class Room:
    """Room under `budget` and `cap`, None: no such bound. Under a cap, unpriced attempts are counted."""

    def __init__(self, balance: Balance, *, budget: Usd | None, cap: Cap | None) -> None:
        committed = micros(balance.committed)
        self._budget = None if budget is None else micros(budget) - committed
        self._cap = None if cap is None else micros(cap.usd) - committed
        self._unpriced = None if cap is None else cap.unpriced - balance.unpriced

    def takes(self, price: Usd | None) -> bool:
        """Whether an attempt of that price fits. One that fits has its room from now on."""
        if price is None:
            return self._takes_unpriced()
        wanted = micros(price)
        if any(left is not None and wanted > left for left in (self._budget, self._cap)):
            return False
        if self._budget is not None:
            self._budget -= wanted
        if self._cap is not None:
            self._cap -= wanted
        return True

    def budget_takes(self, price: Usd | None) -> bool:
        """Whether the budget alone has room for an attempt of that price."""
        return price is None or self._budget is None or micros(price) <= self._budget

    def _takes_unpriced(self) -> bool:
        if self._unpriced is None:
            return True
        if self._unpriced < 1:
            return False
        self._unpriced -= 1
        return True
