import pytest

from mjpipe.domain import counted, reason_of


def test_one_of_a_thing_is_not_many() -> None:
    assert [counted(number, "job") for number in (0, 1, 2, 1200)] == ["0 jobs", "1 job", "2 jobs", "1,200 jobs"]


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (PermissionError(13, "Permission denied", "picks.csv"), "permission denied"),
        (OSError("Out of luck"), "out of luck"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), "it is not UTF-8"),
    ],
)
def test_what_the_system_says_of_a_file_is_a_fact_in_lower_case(fault: OSError | UnicodeError, said: str) -> None:
    assert reason_of(fault) == said
