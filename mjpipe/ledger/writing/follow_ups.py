"""Jobs that start from the result of another, or from their own for a reroll: whether they are submitted."""

import json

from mjpipe.domain import JobKey, JobState
from mjpipe.ledger.database import LedgerConnection, queries, transaction
from mjpipe.ledger.offers import Result, result_of
from mjpipe.ledger.values import SENDS_URL, Follower, Verdict
from mjpipe.ledger.writing.transitions import move

_SQL = queries(__file__)


class FollowUps:
    """Jobs that wait for a source, and the decisions about them."""

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection

    def waiting_for(self, source: int) -> list[Follower]:
        """The wanted jobs that wait for this one."""
        return [
            Follower(
                job=job,
                key=JobKey(key),
                node=node,
                request=json.loads(request),
                number=number,
                from_all_images=bool(from_all_images),
            )
            for job, key, node, request, number, from_all_images in self._connection.execute(
                _SQL["waiting_for"], (source,)
            )
        ]

    def sources_waited_for(self) -> list[int]:
        """Jobs that have succeeded and that others still wait for (a new plan put them there)."""
        return [job for (job,) in self._connection.execute(_SQL["sources_waited_for"])]

    def release(self, follower: int, verdict: Verdict) -> None:
        """Records the decision about a job with a source that has succeeded."""
        with transaction(self._connection):
            move(self._connection, follower, JobState.WAITING, verdict)

    def drop(self, follower: int) -> list[tuple[str, JobState]]:
        """Forgets a waiting job and what follows from it; none of them was ever sent. Returns nodes and states."""
        with transaction(self._connection):
            doomed = self._connection.execute(_SQL["with_what_follows"], (follower,)).fetchall()
            self._connection.executemany("DELETE FROM jobs WHERE id = ?", [(job,) for job, _, _ in doomed])
        return [(node, JobState(state)) for _, node, state in doomed]

    def wait_again(self, source: int) -> list[str]:
        """Jobs that were to send the URL of an image of `source`, which is gone, wait for a decision again.

        Returns the node of each.
        """
        with transaction(self._connection):
            rows = self._connection.execute(_SQL["wait_again"], (source, SENDS_URL)).fetchall()
        return [node for (node,) in rows]

    def rerolls_to_send(self) -> list[tuple[int, str, Result]]:
        """Wanted jobs whose rerolls were requested and not sent, with their nodes, and what is to be rerolled."""
        rows = self._connection.execute(_SQL["rerolls_to_send"]).fetchall()
        return [(job, node, result_of(self._connection, attempt)) for job, node, attempt in rows]

    def give_up_reroll(self, job: int, verdict: Verdict) -> None:
        """A reroll that was requested is not sent."""
        with transaction(self._connection):
            move(self._connection, job, JobState.READY, verdict)
