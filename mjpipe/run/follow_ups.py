"""Whether a job that waits for an image may be submitted, once its source has succeeded."""

from collections.abc import Collection, Sequence

from mjpipe.contract import DIFFUSION, Mode, may_follow
from mjpipe.domain import JobState, JsonObject
from mjpipe.ledger import Follower, Verdict

READY = Verdict(state=JobState.READY)


def verdict_on(
    follower: Follower, source_mode: Mode, numbers: Collection[int], actions: Sequence[JsonObject] | None
) -> Verdict:
    """Ready; skipped when its image did not come; failed unsent when the service does not offer its mode.

    `numbers` are those of the images that came, `actions` the answer's `supported_actions`. Without them the table
    of the seed page decides.
    """
    if follower.number is not None and follower.number not in numbers:
        reason = f"image {follower.number} did not come: the task made {len(numbers)}"
        return Verdict(state=JobState.SKIPPED, reason=reason, code="image_missing")
    mode = Mode(str(follower.request["mode"]))
    if mode in DIFFUSION:  # it starts from an image by its URL, like from any other on the web
        return READY
    if actions is None:
        offered = may_follow(mode, source_mode)
    else:
        offered = any(_offers(action, mode, follower.number) for action in actions)
    if offered:
        return READY
    reason = f"the service does not offer `{mode}` after this task"
    return Verdict(state=JobState.FAILED, reason=reason, code="not_offered")


def _offers(action: JsonObject, mode: Mode, number: int | None) -> bool:
    if action.get("mode") != mode:
        return False
    options = action.get("image_indexes")
    return number is None or not isinstance(options, Sequence) or number in options
