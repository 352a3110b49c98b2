"""What older releases made of a text beside a number: the two were never equal."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from mjpipe.plan.templates.values.value_faults import NAMED, ValueFault

_Result = TypeVar("_Result")


@dataclass(slots=True)
class FormerReading:
    """Shared by the templates of a manifest. It `matters` for a campaign that an older release has paid for: there, a
    comparison that changes what is asked for has to be agreed to.

    `differs` has the first text, and its column if known, that equals a number since these are read as numbers. While
    the former reading is `active`, templates compare as those releases did.
    """

    matters: bool = False
    active: bool = False
    differs: tuple[str, str | None] | None = None

    def equal(self, text: str, column: str | None) -> None:
        """Notes that a text equals a number."""
        if self.differs is None:
            self.differs = text, column

    def check(self, work: Callable[[], _Result], result: _Result) -> None:
        """Raises ValueFault where the `work` of a template had another result in those releases. What failed there was
        not paid for, and may be anything now.
        """
        found, self.differs = self.differs, None
        if not self.matters or found is None:
            return
        self.active = True
        try:
            former = work()
        except Exception:  # noqa: BLE001 - any fault of the template
            return
        finally:
            self.active = False
        if former != result:
            text, column = found
            raise ValueFault(
                "MJ099",
                "equals a number, and did not in the release that began this campaign",
                value=text,
                help=f"`{NAMED} | number` says that you mean numbers: then look at the plan for what it changes. To "
                "keep what was made, take the comparison out",
                column=column,
                of_template=True,
            )
