"""How many jobs are in which state."""

from mjpipe.domain import JobState
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

    def stamp(self) -> str:
        """Differs after each attempt, answer, result and failure; stays the same while nothing happens."""
        attempts, ends = self._connection.execute("SELECT count(*), count(finished) FROM attempts").fetchone()
        states = self._connection.execute(_SQL["states_sent"])
        return "-".join([f"{attempts}.{ends}", *(f"{state}{count}" for state, count in states)])
