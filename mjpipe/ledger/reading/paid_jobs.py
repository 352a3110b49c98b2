"""What was paid for, or possibly paid for, whichever node asks for it now."""

from collections import defaultdict
from dataclasses import dataclass

from mjpipe.domain import Fingerprint, Kind, Usd, from_micros
from mjpipe.ledger.database import LedgerConnection, queries

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidJob:
    """A job that was made, under the name that its node had when it was last in a plan. `usd` is the sum of its
    attempts' prices, as far as these are documented; `unpriced`: not all are.
    """

    node: str
    usd: Usd
    unpriced: bool


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
        return None if row is None else PaidJob(node=row[0], usd=from_micros(row[1]), unpriced=bool(row[2]))
