"""Remembers the files of the receipts folder as they are now."""

from collections.abc import Iterable

from mjpipe.ledger.database import LedgerConnection, transaction
from mjpipe.ledger.reading import ReceiptFiles
from mjpipe.ledger.receipts import SeenFile


class ReceiptFileRecords(ReceiptFiles):
    """The table `receipt_files`, to write."""

    def __init__(self, connection: LedgerConnection) -> None:
        super().__init__(connection)
        self._connection = connection

    def remember(self, files: Iterable[SeenFile]) -> None:
        """These files were read or written; what is on record about others stays."""
        rows = [(file.name, file.size, file.modified, file.sha256) for file in files]
        with transaction(self._connection):
            self._connection.executemany("INSERT OR REPLACE INTO receipt_files VALUES (?, ?, ?, ?)", rows)

    def remember_all(self, files: Iterable[SeenFile]) -> None:
        """These are all files of the folder, and they were read."""
        with transaction(self._connection):
            self._connection.execute("DELETE FROM receipt_files")
            self.remember(files)
