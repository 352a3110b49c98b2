"""The files of the receipts folder as this state last left or read them."""

from collections.abc import Mapping

from mjpipe.ledger.database import LedgerConnection
from mjpipe.ledger.receipts import SeenFile


class ReceiptFiles:
    """The table `receipt_files`."""

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection

    def seen(self) -> Mapping[str, SeenFile]:
        """The files by their names."""
        rows = self._connection.execute("SELECT name, size, modified, sha256 FROM receipt_files ORDER BY name")
        return {
            name: SeenFile(name=name, size=size, modified=modified, sha256=sha256)
            for name, size, modified, sha256 in rows
        }
