"""Whether a job may be submitted, by what came of the task before it and what the service offers after that."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

from mjpipe.contract import DIFFUSION, Mode, may_follow
from mjpipe.domain import JobState, JsonObject
from mjpipe.ledger.values import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an attempt brought that was sent in `mode`: the numbers of the images that came, and the answer's
    `supported_actions`, None when it had none.
    """

    mode: Mode
    numbers: frozenset[int]
    actions: Sequence[JsonObject] | None

    def verdict_on(self, mode: Mode, number: int | None) -> Verdict:
        """On a job that starts from image `number`, or from the whole task: ready; skipped when its image did not come;
        failed unsent when the service does not offer its mode.
        """
        if number is not None and number not in self.numbers:
            reason = f"image {number} did not come: the task made {len(self.numbers)}"
            return Verdict(state=JobState.SKIPPED, reason=reason, code="image_missing")
        if mode in DIFFUSION or self._offers(mode, number):  # those start from an image by its URL, as from any other
            return Verdict(state=JobState.READY)
        reason = f"the service does not offer `{mode}` after this task"
        return Verdict(state=JobState.FAILED, reason=reason, code="not_offered")

    def leaves_to_the_table(self, mode: Mode, number: int | None) -> bool:
        """Whether the documented table decides about such a job, because the answer did not say what is offered."""
        came = number is None or number in self.numbers
        return self.actions is None and came and mode not in DIFFUSION

    def _offers(self, mode: Mode, number: int | None) -> bool:
        if self.actions is None:
            return may_follow(mode, self.mode)
        return any(_names(action, mode, number) for action in self.actions)


def result_of(connection: sqlite3.Connection, attempt: int) -> Result:
    body, actions = connection.execute("SELECT body, actions FROM attempts WHERE id = ?", (attempt,)).fetchone()
    numbers = connection.execute("SELECT number FROM images WHERE attempt = ?", (attempt,))
    return Result(
        mode=Mode(json.loads(body)["input"]["mode"]),
        numbers=frozenset(number for (number,) in numbers),
        actions=None if actions is None else json.loads(actions),
    )


def _names(action: JsonObject, mode: Mode, number: int | None) -> bool:
    if action.get("mode") != mode:
        return False
    options = action.get("image_indexes")
    return number is None or not isinstance(options, Sequence) or number in options
