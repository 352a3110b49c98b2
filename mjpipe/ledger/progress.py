"""How far a campaign has come."""

import sqlite3

from mjpipe.domain import JobKey, JobState
from mjpipe.ledger.rerolls import MADE


class Progress:
    """Counts jobs and attempts."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def counts(self, *, with_orphans_in_flight: bool = False) -> dict[tuple[str, JobState], int]:
        """How many wanted jobs each node has in each state, in the order of the plan."""
        return {
            (node, JobState(state)): count
            for node, state, count in self._connection.execute(
                "SELECT node, state, count(*) FROM jobs"
                " WHERE wanted = 1 OR (? AND state IN ('submitted', 'succeeded'))"
                " GROUP BY node, state ORDER BY min(position)",
                (with_orphans_in_flight,),
            )
        }

    def stamp(self) -> str:
        """A word that is another one after each attempt, answer, result and failure; the same while nothing happens."""
        attempts, ends = self._connection.execute("SELECT count(*), count(finished) FROM attempts").fetchone()
        # A reroll that was asked for and not sent is no event: a saved plan that has it still fits.
        states = self._connection.execute(
            "SELECT CASE WHEN state = 'ready' AND reroll_of = attempt THEN 'done' ELSE state END, count(*)"
            " FROM jobs WHERE attempt IS NOT NULL GROUP BY 1"
        )
        return "-".join([f"{attempts}.{ends}", *(f"{state}{count}" for state, count in states)])

    def first_to_pick(self) -> JobKey | None:
        """The first job in the plan whose images wait for a person's choice, None when none do."""
        row = self._connection.execute(
            "SELECT j.key FROM jobs u JOIN jobs j ON j.id = u.source"  # noqa: S608 - our own words
            f" WHERE u.state = 'unpicked' AND u.wanted = 1 AND {MADE}"
            " ORDER BY u.position LIMIT 1"
        ).fetchone()
        return None if row is None else JobKey(row[0])
