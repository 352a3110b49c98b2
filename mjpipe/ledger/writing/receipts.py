"""Writes into receipts what the ledger has committed."""

import json
from collections.abc import Iterator

from mjpipe.domain import iso
from mjpipe.ledger.database import LedgerConnection, transaction
from mjpipe.ledger.receipts import receipt_paths
from mjpipe.ledger.receipts.outbox import Outbox
from mjpipe.ledger.receipts.writing import OwnFiles
from mjpipe.ledger.receipts.written_lines import WrittenLines
from mjpipe.ledger.writing.receipt_files import ReceiptFileRecords

_AGREES = "receipts_agree"
"""Binding: the receipts say all that the ledger has on record. What makes something due removes it."""

_AGREED = "SELECT 1 FROM bindings WHERE name = ?"
_NOW = "SELECT (julianday('now') - 2440587.5) * 86400.0"
_HAS_MADE_SOME = "SELECT 1 FROM attempts WHERE recovered IS NOT 'receipts' LIMIT 1"


class ReceiptWriter:
    """The receipts that a state writes. What changes in the ledger is due from the transaction that changes it.

    `catch_up` comes before the first change, `finish` after the last.
    """

    def __init__(self, connection: LedgerConnection, files: OwnFiles, *, host: str | None, campaign: str) -> None:
        self._connection = connection
        self._files = files
        self._outbox = Outbox(connection, host=host, campaign=campaign)
        self._records = ReceiptFileRecords(connection)
        self._changes_written = -1
        self._is_recorded = False
        self._is_known = False
        """Whether the ledger knows all that its own files say."""

    @staticmethod
    def disagree(connection: LedgerConnection) -> None:
        """Nobody writes receipts now: whoever does later looks for what is missing."""
        if connection.value(_AGREED, (_AGREES,)) is not None:
            connection.execute("DELETE FROM bindings WHERE name = ?", (_AGREES,))

    @property
    def are_written(self) -> bool:
        """Whether nothing can be due, because nothing has changed since all was written. Asking costs nothing."""
        return self._connection.total_changes == self._changes_written

    def flush(self) -> None:
        """Writes what is due, durably. Raises StateFault when the disk refuses; then it stays due."""
        if self._files.add(self._outbox.lines()):
            self._is_recorded = False
            self._outbox.clear()
        self._changes_written = self._connection.total_changes

    def catch_up(self) -> None:
        """Writes what the ledger has on record and the receipts lack: after a kill, an upgrade, or when somebody has
        changed or removed files of this state. Raises StateFault.
        """
        if self._are_as_left():
            self._is_recorded = self._is_known = True
        else:
            self._add_missing()

    def finish(self) -> None:
        """Writes what is due, and remembers the files of this state. Raises StateFault.

        When they know something that the ledger does not, as after the return of an old backup, they are not
        remembered: the next command looks again.
        """
        self.flush()
        if self._files.were_changed or not self._is_known:
            self._add_missing()
        if self._is_known and not self._is_recorded:
            with transaction(self._connection):
                self._records.remember(self._files.seen_now())
                self._connection.execute("INSERT OR REPLACE INTO bindings VALUES (?, '')", (_AGREES,))
            self._is_recorded = True

    def _are_as_left(self) -> bool:
        paths = self._files.paths()
        if not paths and self._connection.value(_HAS_MADE_SOME) is None:
            return True
        agree = self._connection.value(_AGREED, (_AGREES,)) is not None
        seen = self._records.seen()
        return agree and bool(paths) and all(path.name in seen and seen[path.name].is_still(path) for path in paths)

    def _add_missing(self) -> None:
        self._is_recorded = False
        self._files.look()
        # What was recovered from receipts may be in the files of others, where nobody has to write it again.
        others = self._connection.value("SELECT 1 FROM attempts WHERE recovered = 'receipts' LIMIT 1") is not None
        written = WrittenLines(receipt_paths(self._files.folder) if others else self._files.paths())
        self._outbox.put_all()
        self._files.add(self._missing_in(written))
        self._outbox.clear()
        attempts = self._connection.execute("SELECT uid, task FROM attempts")
        self._is_known = written.is_known_to(attempts)

    def _missing_in(self, written: WrittenLines) -> Iterator[str]:
        """An intent that an upgrade has given another fingerprint is said once more, as of now: of the lines about one
        attempt the latest says what it is.
        """
        now = iso(self._connection.value(_NOW))
        for line in self._outbox.lines():
            said = json.loads(line)
            if written.has_former(said):
                yield line.replace(f'"at":"{said["at"]}"', f'"at":"{now}"', 1)
            elif not written.has(said):
                yield line
