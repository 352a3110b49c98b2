"""What a format of plans is."""

from collections.abc import Callable
from dataclasses import dataclass

from mjpipe.plan.outcome.summary import PlanSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFormat:
    """`help` describes its option. `render` gives the whole text, with a line break at its end."""

    help: str
    render: Callable[[PlanSummary], str]
