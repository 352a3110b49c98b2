"""Jobs that start from the result of another, or from their own for a reroll: whether they are submitted."""

import json
import sqlite3

from mjpipe.domain import JobKey, JobState
from mjpipe.ledger.database import transaction
from mjpipe.ledger.offers import Result, result_of
from mjpipe.ledger.rerolls import MADE
from mjpipe.ledger.transitions import move
from mjpipe.ledger.values import SENDS_URL, Follower, Verdict


class FollowUps:
    """Decides about them when it is known what came of their sources."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def waiting_for(self, source: int) -> list[Follower]:
        """The wanted jobs that wait for this one."""
        return [
            Follower(
                job=row[0],
                key=JobKey(row[1]),
                node=row[2],
                request=json.loads(row[3]),
                number=row[4],
                from_all_images=bool(row[5]),
            )
            for row in self._connection.execute(
                # Left to itself SQLite goes through all jobs that wait, for each source again.
                "SELECT id, key, node, request, source_number, from_all_images FROM jobs INDEXED BY jobs_source"
                " WHERE source = ? AND state = 'waiting' AND wanted = 1 ORDER BY position",
                (source,),
            )
        ]

    def sources_waited_for(self) -> list[int]:
        """Jobs that have succeeded and that others still wait for (a new plan put them there)."""
        rows = self._connection.execute(
            "SELECT DISTINCT j.id FROM jobs w JOIN jobs j ON j.id = w.source"  # noqa: S608 - our own words
            f" WHERE w.state = 'waiting' AND w.wanted = 1 AND {MADE}"
        )
        return [job for (job,) in rows]

    def release(self, follower: int, verdict: Verdict) -> None:
        """Decides about a job whose source has succeeded."""
        with transaction(self._connection):
            move(self._connection, follower, JobState.WAITING, verdict)

    def drop(self, follower: int) -> list[tuple[str, JobState]]:
        """Forgets a waiting job and what follows from it, none of which was ever sent; gives nodes and states."""
        with transaction(self._connection):
            doomed = self._connection.execute(
                "WITH RECURSIVE doomed (id, depth, node, state) AS"
                " (SELECT id, depth, node, state FROM jobs WHERE id = ?"
                " UNION SELECT j.id, j.depth, j.node, j.state FROM jobs j JOIN doomed d ON j.source = d.id)"
                " SELECT id, node, state FROM doomed ORDER BY depth DESC",
                (follower,),
            ).fetchall()
            self._connection.executemany("DELETE FROM jobs WHERE id = ?", [(job,) for job, _, _ in doomed])
        return [(node, JobState(state)) for _, node, state in doomed]

    def wait_again(self, source: int) -> list[str]:
        """Jobs that were to send the URL of an image of `source`, which is gone, wait for a decision again.

        Gives the node of each.
        """
        with transaction(self._connection):
            rows = self._connection.execute(
                "UPDATE jobs SET state = 'waiting' WHERE source = ? AND state = 'ready' AND attempt IS NULL"
                " AND instr(request, ?) RETURNING node",
                (source, SENDS_URL),
            ).fetchall()
        return [node for (node,) in rows]

    def rerolls_to_send(self) -> list[tuple[int, str, Result]]:
        """Wanted jobs whose rerolls were asked for and not sent, with their nodes, and what is to be rerolled."""
        rows = self._connection.execute(
            "SELECT id, node, reroll_of FROM jobs"
            " WHERE reroll_of IS NOT NULL AND attempt = reroll_of AND state = 'ready' AND wanted = 1"
        ).fetchall()
        return [(job, node, result_of(self._connection, attempt)) for job, node, attempt in rows]

    def give_up_reroll(self, job: int, verdict: Verdict) -> None:
        """A reroll that was asked for is not sent."""
        with transaction(self._connection):
            move(self._connection, job, JobState.READY, verdict)
