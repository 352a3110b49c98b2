"""Figures of a plan's document, which is compared with another one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from mjpipe.domain import Usd, usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Jobs that a run would submit, and what they cost."""

    to_submit: int
    low: Usd
    high: Usd

    @classmethod
    def of(cls, tally: Mapping[str, Any] | None) -> Self:
        """Those of a tally of a plan's document; a missing one has nothing. Raises ValueError for a sum that is too
        large.
        """
        if tally is None:
            return cls(to_submit=0, low=usd("0"), high=usd("0"))
        cost = tally["cost"]
        return cls(to_submit=int(tally["jobs"]["to_submit"]), low=usd(cost["low_usd"]), high=usd(cost["high_usd"]))
