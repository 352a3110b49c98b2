"""A ledger to read: for plans, reports and runs alike."""

from collections.abc import Callable, Container, Iterable, Mapping
from contextlib import AbstractContextManager

from mjpipe.domain import Amount
from mjpipe.ledger.adopting import Adoption, PlanChanges, Take, Takeovers, comparison, standings, takeovers
from mjpipe.ledger.database import LedgerConnection, damage_explains_faults
from mjpipe.ledger.reading import (
    Bindings,
    FormerJobs,
    ImagePlaces,
    JobCounts,
    PaidJobs,
    ReceiptFiles,
    RecoveredAs,
    Tasks,
    balance,
    recovered_as,
)
from mjpipe.ledger.values import Balance


class Reader:
    """All that a plan asks, through a connection that may or may not be allowed to write; nothing here does.

    `bindings` says what the state belongs to, `tasks` what is on record about tasks, `images` where their images are,
    `job_counts` how many jobs are in each state, `paid_jobs` what was paid for under any name, `former_jobs`
    what jobs stood for before, `receipt_files` how the files of the receipts were last seen.
    """

    def __init__(self, connection: LedgerConnection) -> None:
        self._connection = connection
        self.bindings = Bindings(connection)
        self.tasks = Tasks(connection)
        self.images = ImagePlaces(connection)
        self.job_counts = JobCounts(connection)
        self.paid_jobs = PaidJobs(connection)
        self.former_jobs = FormerJobs(connection)
        self.receipt_files: ReceiptFiles = ReceiptFiles(connection)

    @property
    def connection(self) -> LedgerConnection:
        return self._connection

    def balance(self) -> Balance:
        """The sums of all attempts."""
        return balance(self._connection)

    def recovered_as(self, attempts: Iterable[int]) -> Mapping[RecoveredAs, Amount]:
        """What attempts that were recovered are in the plan that was adopted last."""
        return recovered_as(self._connection, attempts)

    def standings(self, to_adopt: Container[int] = ()) -> Adoption:
        """What `Ledger.adopting` would give, writing nothing. Standings say which jobs have attempts `to_adopt`."""
        return standings(self._connection, to_adopt)

    def comparison(self) -> tuple[Adoption, PlanChanges]:
        """The same as `standings`; when it has finished, the changes are what `Ledger.adopting` would have written."""
        return comparison(self._connection)

    def takeovers(self, expand: Callable[[Takeovers, Take], object]) -> Takeovers:
        """The results that planned jobs will take over from other keys, writing nothing; `expand` plans from what is
        known of these, and hands on the jobs.
        """
        return takeovers(self._connection, expand)

    def damage_explains_faults(self) -> AbstractContextManager[None]:
        """Values that no mjpipe writes are a StateFault inside, when the file is damaged."""
        return damage_explains_faults(self._connection)
