"""What a run measures its patience by."""

from mjpipe.run.policies.running_time import LONGEST_GAP, RunningTime


def test_the_time_in_which_the_process_was_stopped_hardly_counts() -> None:
    moments = iter([100.0, 110.0, 117.5, 117.5 + 7200.0, 7330.0])
    running = RunningTime(lambda: next(moments))
    assert [running() for _ in range(4)] == [10.0, 17.5, 17.5 + LONGEST_GAP, 30.0 + LONGEST_GAP]
