"""The campaign that is reported on, and where its prices are from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mjpipe.domain import Usd


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedCampaign:
    """`was` are names that it had. `nodes` are those of the manifest, in its order. `own_prices` are the manifest's,
    which go before the table's: they are listed here, and are in the jobs' prices already.
    """

    name: str
    sandbox: bool
    price_source: str
    price_date: str
    was: Sequence[str] = ()
    nodes: Sequence[str] = ()
    own_prices: Mapping[str, Usd] = field(default_factory=dict)
