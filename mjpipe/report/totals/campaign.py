"""The campaign that is reported on, and where its prices are from."""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field

from mjpipe.domain import Usd
from mjpipe.ledger import AttemptRecord, JobRecord
from mjpipe.plan import ColumnsInUse

PickedOf = Callable[[JobRecord, AttemptRecord], Container[int] | None]
"""The images that a person has picked, by number, of an attempt of a job; None where nobody has decided."""


def nobody_picks(job: JobRecord, attempt: AttemptRecord) -> None:
    """For campaigns without picks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedCampaign:
    """`was` are names that it had. `nodes` are those of the manifest, in its order. `own_prices` are the manifest's,
    which go before the table's: they are listed here, and are in the jobs' prices already. `picked` says what a person
    has picked, by a file with the hash `picks_hash`. `columns`
    are those of rows that tables have, None for all.
    """

    name: str
    sandbox: bool
    price_source: str
    price_date: str
    was: Sequence[str] = ()
    nodes: Sequence[str] = ()
    own_prices: Mapping[str, Usd] = field(default_factory=dict)
    picked: PickedOf = nobody_picks
    picks_hash: str = ""
    columns: ColumnsInUse | None = None
