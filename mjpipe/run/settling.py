"""What follows for the run when a job came to an end that is not its success."""

from mjpipe.domain import JobState
from mjpipe.run.floor import Floor
from mjpipe.run.outcomes import Outcome


def settle(floor: Floor, node: str, before: JobState, outcome: Outcome, key: str) -> None:
    """Frees the slot, notes it, and stops what must be stopped."""
    report_end(floor, node, before, outcome, key)
    floor.free_slot()


def report_end(floor: Floor, node: str, before: JobState, outcome: Outcome, key: str) -> None:
    """As `settle`, for a job that has no slot."""
    verdict = outcome.verdict
    floor.moved(node, before, verdict.state)
    if verdict.state is JobState.FAILED:
        floor.progress.note(f"`{key}` failed: {verdict.reason}")
    elif verdict.state is JobState.IN_DOUBT:
        floor.progress.note(f"`{key}` is in doubt: {verdict.reason}")
    stopped_before = node in floor.breakers.stopped
    stop = outcome.stop or floor.breakers.settled(node, verdict)
    if node in floor.breakers.stopped and not stopped_before:
        floor.progress.note(
            f"node `{node}` is stopped after five failures in a row for the same reason: "
            f"{floor.breakers.stopped[node]}; its other jobs stay ready"
        )
    if stop is not None:
        floor.stop_submitting(stop)
