"""The ledger: what survives a crash."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from mjpipe.domain import StateFault, TaskId
from mjpipe.ledger.adopting import Adoption, Applied, Piece, PlanWritten, adopting, apply_piece
from mjpipe.ledger.database import LedgerConnection, copied, copied_part, open_database, open_in_memory, transaction
from mjpipe.ledger.reader import Reader
from mjpipe.ledger.receipts import RecordedAttempt
from mjpipe.ledger.values import NewBindings
from mjpipe.ledger.writing import (
    Binder,
    Decisions,
    Files,
    FollowUps,
    Hold,
    Queue,
    ReceiptFileRecords,
    Results,
    SourceChecks,
    Submissions,
)

if TYPE_CHECKING:
    from mjpipe.ledger.recovery import Recovered
    from mjpipe.ledger.writing.receipts import ReceiptWriter


class Ledger(Reader):
    """A ledger to read and write, by one thread at a time; `Writer` shares it with an event loop.

    Each part writes about one thing, and each of its methods is one transaction. A job goes through them in this order:
    `queue`, `submissions`, `results`, `files`, with `source_checks` before it is sent and `follow_ups` after its
    result. `bind` ties the state to what it belongs to, `decisions` takes a person's word, `hold` keeps others away.
    """

    def __init__(self, connection: LedgerConnection) -> None:
        super().__init__(connection)
        self.bind = Binder(connection)
        self.hold = Hold(connection)
        self.queue = Queue(connection)
        self.submissions = Submissions(connection, self.queue, self.bind, self.hold)
        self.results = Results(connection)
        self.source_checks = SourceChecks(connection, self.queue, self.results)
        self.follow_ups = FollowUps(connection)
        self.files = Files(connection)
        self.decisions = Decisions(connection)
        self.receipt_files: ReceiptFileRecords = ReceiptFileRecords(connection)
        self.receipts: ReceiptWriter | None = None
        """Where it writes what it has committed; None for a copy, and where nobody wants any"""

    @classmethod
    def in_memory(cls) -> "Ledger":
        """An empty one, for a campaign that has no state yet."""
        return cls(open_in_memory())

    @classmethod
    def copy_of(cls, original: Reader) -> "Ledger":
        """A copy to try something in: what is written to it is forgotten when it is closed."""
        return cls(copied(original.connection))

    @classmethod
    def part_of(cls, original: Reader, *, keys: Collection[str], fingerprints: Collection[str]) -> "Ledger":
        """As `copy_of`, with the jobs of these keys or fingerprints alone, and those that they started from."""
        return cls(copied_part(original.connection, keys=keys, fingerprints=fingerprints))

    @classmethod
    def open(cls, path: Path, *, named: Path | None = None) -> "Ledger":
        """Opens or makes the file. `named` is the original of a copy, for messages. Raises StateFault."""
        return cls(open_database(path, named=named))

    @contextmanager
    def writing_receipts(
        self, folder: Path | None, *, host: str | None, campaign: str, private: bool = False
    ) -> Iterator[None]:
        """Inside the block receipts are written, to files of this state in `folder` (None: none). What is missing from
        them is written first. `host` and `campaign` are for the lines, None when nothing has a host yet.

        Raises StateFault when they cannot be written, at the end only if nothing else was raised.
        """
        from mjpipe.ledger.receipts.writing import OwnFiles  # noqa: PLC0415 - a plan writes none
        from mjpipe.ledger.writing.receipts import ReceiptWriter  # noqa: PLC0415 - as above

        if folder is None:
            ReceiptWriter.disagree(self._connection)
            yield
            return
        files = OwnFiles(folder, self.bindings.state_id(), private=private)
        self.receipts = receipts = ReceiptWriter(self._connection, files, host=host, campaign=campaign)
        receipts.catch_up()
        try:
            yield
        except BaseException:
            with suppress(StateFault):
                receipts.finish()
            raise
        receipts.finish()

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """What is recorded inside counts once the block has ended; what raises, as a person's no does, undoes it all.

        Nobody else can write meanwhile; readers see the state as it was before.
        """
        with transaction(self._connection):
            yield

    @contextmanager
    def adopting(self) -> Iterator[Adoption]:
        """Takes over a plan inside the block, in one transaction: its jobs become the wanted ones.

        What is raised inside undoes it; so does a block that ends before `Adoption.finish`.
        """
        with adopting(self._connection) as adoption:
            yield adoption

    def apply(self, piece: Piece, applied: Applied) -> PlanWritten:
        """A part of the changes of a plan, where the rows are still as they were read."""
        with transaction(self._connection):
            return apply_piece(self._connection, piece, applied)

    def recover(
        self,
        attempts: Sequence[RecordedAttempt],
        *,
        now: float,
        outputs: Path | None = None,
        host: str | None = None,
        picked: Collection[TaskId] = (),
        bindings: NewBindings | None = None,
    ) -> "Recovered":
        """Records attempts that this ledger does not know, for jobs that no plan asks for. The next plan finds them.

        `now` is in seconds since the epoch. Images are looked for below `outputs`; without it all that were placed
        count as there, which is for a plan that is only shown. `host` is where the tasks are: a state without one
        belongs to it. Of several tasks of one job that of the `picked` counts. `bindings` count where there are none.
        """
        from mjpipe.ledger.recovery import recover  # noqa: PLC0415 - slow to import, and most states know all

        return recover(
            self._connection,
            attempts,
            now=now,
            outputs=outputs,
            host=host,
            picked=picked,
            bindings=bindings or NewBindings(),
        )

    def set_aside(self, attempts: Iterable[int]) -> int:
        """No planned job gets the results of the jobs of these attempts. Returns how many jobs that are."""
        from mjpipe.ledger.recovery import set_aside  # noqa: PLC0415 - as above

        return set_aside(self._connection, attempts)
