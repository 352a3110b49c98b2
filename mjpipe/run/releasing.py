"""Releasing the jobs that wait for an image, once their source has succeeded."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mjpipe.domain import JobState
from mjpipe.ledger import REROLL, FollowUp, Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """Jobs that no longer wait: node, old and new state of each.

    The new state is None for jobs that no longer exist: their node wanted all images of the source, and theirs did not
    come. `offers_unknown` are nodes for which the service did not say which follow-ups it offers.
    """

    moves: tuple[tuple[str, JobState, JobState | None], ...] = ()
    offers_unknown: frozenset[str] = frozenset()


def release_followers(ledger: Ledger, source: int) -> Released:
    """Releases the jobs that wait for `source`, which has succeeded: ready, or skipped."""
    result = ledger.results.result_of(source)
    moves: list[tuple[str, JobState, JobState | None]] = []
    offers_unknown: set[str] = set()
    for follower in ledger.follow_ups.waiting_for(source):
        if follower.from_all_images and follower.number not in result.numbers:
            moves += [(node, state, None) for node, state in ledger.follow_ups.drop(follower.job)]
            continue
        asked = FollowUp.of(follower.request, follower.number)
        verdict = result.verdict_on(asked)
        if result.leaves_to_the_table(asked):
            offers_unknown.add(follower.node)
        ledger.follow_ups.release(follower.job, verdict)
        moves.append((follower.node, JobState.WAITING, verdict.state))
    return Released(moves=tuple(moves), offers_unknown=frozenset(offers_unknown))


def release_waiting(ledger: Ledger) -> Released:
    """Decides about what an earlier run, or a new plan, has left for a run to decide: jobs that wait for sources which
    have succeeded, and rerolls.
    """
    return joined([release_all(ledger, ledger.follow_ups.sources_waited_for()), release_rerolls(ledger)])


def release_all(ledger: Ledger, sources: Iterable[int]) -> Released:
    """Decides about the jobs that wait for any of these, which have succeeded."""
    return joined([release_followers(ledger, source) for source in sources])


def release_rerolls(ledger: Ledger) -> Released:
    """Decides about the rerolls that are asked for: those that the service does not offer are given up."""
    moves: list[tuple[str, JobState, JobState | None]] = []
    offers_unknown: set[str] = set()
    for job, node, result in ledger.follow_ups.rerolls_to_send():
        verdict = result.verdict_on(REROLL)
        if verdict.state is not JobState.READY:
            ledger.follow_ups.give_up_reroll(job, verdict)
            moves.append((node, JobState.READY, verdict.state))
        if result.leaves_to_the_table(REROLL):
            offers_unknown.add(node)
    return Released(moves=tuple(moves), offers_unknown=frozenset(offers_unknown))


def joined(parts: Sequence[Released]) -> Released:
    return Released(
        moves=tuple(move for part in parts for move in part.moves),
        offers_unknown=frozenset(node for part in parts for node in part.offers_unknown),
    )


def offers_unknown_note(node: str) -> str:
    return f"the service did not say which follow-ups it offers for node `{node}`; its documented table decides"
