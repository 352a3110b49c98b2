"""Whether a job that waits for an image may be submitted, once its source has succeeded."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mjpipe.contract import DIFFUSION, Mode, may_follow
from mjpipe.domain import JobState, JsonObject
from mjpipe.ledger import Follower, Ledger, Verdict

READY = Verdict(state=JobState.READY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Jobs that were decided about: node, old and new state of each.

    The new state is None for those that are not there any more: all images were wanted of the source, and theirs did
    not come. `by_table` are nodes of which the service did not say what it offers.
    """

    moves: tuple[tuple[str, JobState, JobState | None], ...] = ()
    by_table: frozenset[str] = frozenset()


def release_followers(ledger: Ledger, source: int, mode: Mode) -> Released:
    """Decides about the jobs that wait for `source`, which has succeeded and was sent in `mode`."""
    numbers, actions = ledger.result_of(source)
    moves: list[tuple[str, JobState, JobState | None]] = []
    by_table: set[str] = set()
    for follower in ledger.followers(source):
        if follower.every and follower.number not in numbers:
            moves += [(node, state, None) for node, state in ledger.drop(follower.job)]
            continue
        verdict = verdict_on(follower, mode, numbers, actions)
        if actions is None and _asks_for_actions(follower, numbers):
            by_table.add(follower.node)
        ledger.release(follower.job, verdict)
        moves.append((follower.node, JobState.WAITING, verdict.state))
    return Released(moves=tuple(moves), by_table=frozenset(by_table))


def take_up_waiting(ledger: Ledger) -> frozenset[str]:
    """Decides about what an earlier run, or a new plan, has left for a run to decide: jobs that wait for sources which
    have succeeded, and rerolls. Gives the nodes of which the service did not say what it offers.
    """
    by_table: set[str] = set()
    for source, mode in ledger.sources_of_waiting():
        by_table |= release_followers(ledger, source, Mode(mode)).by_table
    for job, node, mode, actions in ledger.rerolls_to_send():
        if not _is_offered(Mode.REROLL, None, Mode(mode), actions):
            ledger.give_up_reroll(job, _not_offered(Mode.REROLL))
        if actions is None:
            by_table.add(node)
    return frozenset(by_table)


def told_by_table(node: str) -> str:
    return f"the service did not say what it offers for node `{node}`: its documented table decides"


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
    return READY if _is_offered(mode, follower.number, source_mode, actions) else _not_offered(mode)


def _is_offered(mode: Mode, number: int | None, after: Mode, actions: Sequence[JsonObject] | None) -> bool:
    if actions is None:
        return may_follow(mode, after)
    return any(_offers(action, mode, number) for action in actions)


def _not_offered(mode: Mode) -> Verdict:
    reason = f"the service does not offer `{mode}` after this task"
    return Verdict(state=JobState.FAILED, reason=reason, code="not_offered")


def _asks_for_actions(follower: Follower, numbers: Collection[int]) -> bool:
    came = follower.number is None or follower.number in numbers
    return came and Mode(str(follower.request["mode"])) not in DIFFUSION


def _offers(action: JsonObject, mode: Mode, number: int | None) -> bool:
    if action.get("mode") != mode:
        return False
    options = action.get("image_indexes")
    return number is None or not isinstance(options, Sequence) or number in options
