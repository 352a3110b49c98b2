"""What was paid for, or possibly paid for, whichever node asks for it now."""

from collections import defaultdict
from dataclasses import dataclass

from mjpipe.domain import Amount, Fingerprint, Kind, from_micros
from mjpipe.ledger.database import LedgerConnection, queries

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidJob:
    """A job that was made, under the name that its node had when it was last in a plan. `price` adds up its
    attempts.
    """

    node: str
    price: Amount


class PaidJobs:
    """Finds jobs with attempts that are not certainly free. What was set aside counts for nothing."""

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection

    def nodes(self) -> dict[str, frozenset[Kind]]:
        """The names of their nodes, with the kinds that these had. Looks at every job."""
        kinds: dict[str, set[Kind]] = defaultdict(set)
        for node, kind in self._connection.execute(_SQL["nodes"]):
            kinds[node].add(Kind(kind))
        return {node: frozenset(found) for node, found in kinds.items()}

    def fingerprints(self) -> frozenset[Fingerprint]:
        """Those of all of them."""
        return frozenset(Fingerprint(found) for (found,) in self._connection.execute(_SQL["fingerprints"]))

    def with_fingerprint(self, fingerprint: Fingerprint) -> PaidJob | None:
        """One of them, None without one."""
        row = self._connection.execute(_SQL["with_fingerprint"], (fingerprint,)).fetchone()
        if row is None:
            return None
        node, micros, priced, unpriced = row
        return PaidJob(node=node, price=Amount(usd=from_micros(micros), priced=priced, unpriced=unpriced))
