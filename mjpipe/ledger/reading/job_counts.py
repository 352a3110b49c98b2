"""How many jobs are in which state."""

from mjpipe.domain import Amount, JobKey, JobState, from_micros
from mjpipe.ledger.database import LedgerConnection, queries

_SQL = queries(__file__)


class JobCounts:
    """Counts jobs and attempts."""

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection

    def by_state(self, *, with_orphans_in_flight: bool = False) -> dict[tuple[str, JobState], int]:
        """How many wanted jobs each node has in each state, in the order of the plan."""
        rows = self._connection.execute(_SQL["by_state"], {"with_orphans": with_orphans_in_flight})
        return {(node, JobState(state)): count for node, state, count in rows}

    def first_to_pick(self) -> JobKey | None:
        """The first job in the plan with images that wait for a person's choice, None without one."""
        key = self._connection.value(_SQL["first_to_pick"])
        return None if key is None else JobKey(key)

    def left_to_pay(self) -> Amount:
        """The prices of the wanted jobs that are still to be submitted, without those behind picks."""
        count, priced, paid = self._connection.execute(_SQL["left_to_pay"]).fetchone()
        return Amount(usd=from_micros(paid), priced=priced, unpriced=count - priced)

    def stamp(self) -> str:
        """Differs after each attempt, answer, result and failure; stays the same while nothing happens."""
        attempts, ends = self._connection.execute("SELECT count(*), count(finished) FROM attempts").fetchone()
        states = self._connection.execute(_SQL["states_sent"])
        return "-".join([f"{attempts}.{ends}", *(f"{state}{count}" for state, count in states)])
