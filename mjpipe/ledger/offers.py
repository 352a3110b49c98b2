"""Whether a job may be submitted: what came of the task before it, and what the service offers after that."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Self

from mjpipe.contract import Mode, may_follow, needs_offer
from mjpipe.domain import JobState, Json, JsonObject
from mjpipe.ledger.database import queries
from mjpipe.ledger.values import SENDS_URL, SOURCE_GONE, Verdict

_SQL = queries(__file__)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """What a job asks for on top of a result: its mode, the number of the image that it starts from (None: the whole
    task), and the `type` that it sends (None: none; no page says which one the service takes then). `by_url` says that
    it sends the URL of an image of the task, which the service has to be able to open.
    """

    mode: Mode
    number: int | None = None
    type: int | None = None
    by_url: bool = False

    @classmethod
    def of(cls, request: JsonObject, number: int | None) -> Self:
        """What a job asks for, by its planned request."""
        option, mode = request.get("type"), Mode(str(request["mode"]))
        return cls(
            mode=mode,
            number=number,
            type=option if isinstance(option, int) else None,
            by_url=mode.facts.sent_by_url and SENDS_URL in json.dumps(request),
        )


REROLL = FollowUp(mode=Mode.REROLL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What an attempt brought that was sent in `mode`: the numbers of the images that came, and the answer's
    `supported_actions`, None when it had none. `images_gone` says that some of the images can no longer be fetched.
    """

    mode: Mode
    numbers: frozenset[int]
    actions: Sequence[JsonObject] | None
    images_gone: bool = False

    def verdict_on(self, asked: FollowUp) -> Verdict:
        """Ready; skipped when its image did not come; failed unsent when the service does not offer it."""
        if asked.number is not None and asked.number not in self.numbers:
            reason = f"image {asked.number} did not come: the task made {len(self.numbers)}"
            return Verdict(state=JobState.SKIPPED, reason=reason, code="image_missing")
        if self.images_gone and asked.by_url:
            reason = "the image that it starts from is gone, and it would be sent by its URL"
            return Verdict(state=JobState.FAILED, reason=reason, code=SOURCE_GONE)
        if not needs_offer(asked.mode):
            return Verdict(state=JobState.READY)
        objection = self._objection(asked)
        if objection is None:
            return Verdict(state=JobState.READY)
        return Verdict(state=JobState.FAILED, reason=objection, code="not_offered")

    def leaves_to_the_table(self, asked: FollowUp) -> bool:
        """Whether the documented table decides about such a job, because the answer did not say what is offered."""
        came = asked.number is None or asked.number in self.numbers
        return self.actions is None and came and needs_offer(asked.mode)

    def _objection(self, asked: FollowUp) -> str | None:
        """Why the service would not take it; None when it offers it, or says nothing against it."""
        if self.actions is None:
            return None if may_follow(asked.mode, self.mode) else _not_at_all(asked)
        offers = [action for action in self.actions if action.get("mode") == asked.mode]
        if not offers:
            return _not_at_all(asked)
        for name, option, words in (("image_indexes", asked.number, "image"), ("types", asked.type, "`type`")):
            fitting = [action for action in offers if _allows(action.get(name), option)]
            if not fitting:
                offered = ", ".join(map(str, sorted({*chain.from_iterable(_listed(offer, name) for offer in offers)})))
                of_these = f"{words} {offered}" if offered else f"no {words}"
                return f"the service offers `{asked.mode}` after this task for {of_these}, not for {words} {option}"
            offers = fitting
        return None


def result_of(connection: sqlite3.Connection, attempt: int) -> Result:
    body, actions, gone = connection.execute(_SQL["result_of"], (attempt,)).fetchone()
    numbers = connection.execute("SELECT number FROM images WHERE attempt = ?", (attempt,))
    return Result(
        mode=Mode(json.loads(body)["input"]["mode"]),
        numbers=frozenset(number for (number,) in numbers),
        actions=None if actions is None else json.loads(actions),
        images_gone=bool(gone),
    )


def _not_at_all(asked: FollowUp) -> str:
    return f"the service does not offer `{asked.mode}` after this task"


def _allows(options: Json, option: int | None) -> bool:
    """Whether an option is listed. Without a list, or without an option, nothing is forbidden."""
    return option is None or not isinstance(options, list) or option in options


def _listed(action: JsonObject, name: str) -> Iterator[int]:
    options = action.get(name)
    for option in options if isinstance(options, list) else ():
        if isinstance(option, int):
            yield option
