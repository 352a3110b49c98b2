"""Which jobs of a list differ in the same way, so that it is shown once."""

from collections import OrderedDict

from mjpipe.plan.outcome.lists.job_list import Change, ListedJob

_REMEMBERED = 64
"""Ways of the jobs above that are compared with; so that a list of any length takes the same memory."""

_Way = tuple[str, tuple[tuple[str, str | None, str | None], ...]]


class ShownChanges:
    """The ways in which the jobs above differ."""

    def __init__(self) -> None:
        self._keys: OrderedDict[_Way, str] = OrderedDict()

    def shown_at(self, job: ListedJob) -> str | None:
        """The key of the job at which the same differences are shown; None where `job` has none, or is to show its own.

        Differences are the same where the same words in the same params of a node gave way to the same words.
        """
        if not job.changes:
            return None
        way = job.node, tuple(map(_replaced, job.changes))
        key = self._keys.get(way)
        if key is None:
            self._keys[way] = job.key
            if len(self._keys) > _REMEMBERED:
                self._keys.popitem(last=False)
        else:
            self._keys.move_to_end(way)
        return key


def _replaced(change: Change) -> tuple[str, str | None, str | None]:
    if change.before is None or change.after is None:
        return change.param, change.before, change.after
    old, new = change.before.split(" "), change.after.split(" ")
    shorter = min(len(old), len(new))
    first = next((at for at in range(shorter) if old[at] != new[at]), shorter)
    last = next((at for at in range(shorter - first) if old[-1 - at] != new[-1 - at]), shorter - first)
    return change.param, " ".join(old[first : len(old) - last]), " ".join(new[first : len(new) - last])
