"""What follows for the run when a job does not succeed."""

from mjpipe.domain import JobState
from mjpipe.run.policies.job_decisions import JobDecision
from mjpipe.run.run_state import RunState


def apply_decision(run: RunState, node: str, before: JobState, decision: JobDecision, key: str) -> None:
    """Notes the job's new state, and stops what has to stop. The caller frees the job's slot, if it has one."""
    verdict = decision.verdict
    run.moved(node, before, verdict.state)
    if verdict.state is JobState.FAILED:
        run.progress.note(f"`{key}` failed: {verdict.reason}")
    elif verdict.state is JobState.IN_DOUBT:
        run.progress.note(f"`{key}` is in doubt: {verdict.reason}")
    stopped_before = node in run.breakers.stopped
    stop = decision.stop or run.breakers.note_bad_end(node, verdict)
    if node in run.breakers.stopped and not stopped_before:
        run.progress.note(
            f"node `{node}` is stopped after five failures in a row for the same reason: "
            f"{run.breakers.stopped[node]}; its other jobs stay ready"
        )
    if stop is not None:
        run.stop_submitting(stop)
