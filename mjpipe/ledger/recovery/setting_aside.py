"""Setting results aside: a person has said to pay again, and no planned job gets them. Their prices stay on record."""

import json
from collections.abc import Iterable

from mjpipe.ledger.database import LedgerConnection, transaction


def set_aside(connection: LedgerConnection, attempts: Iterable[int]) -> int:
    """Sets the jobs of these attempts aside. Returns how many jobs that are."""
    with transaction(connection):
        return connection.execute(
            "UPDATE jobs SET set_aside = 1, wanted = 0"
            " WHERE NOT set_aside AND id IN (SELECT job FROM attempts WHERE id IN (SELECT value FROM json_each(?)))",
            (json.dumps([*attempts]),),
        ).rowcount
