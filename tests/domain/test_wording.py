from mjpipe.domain import counted


def test_one_of_a_thing_is_not_many() -> None:
    assert [counted(number, "job") for number in (0, 1, 2, 1200)] == ["0 jobs", "1 job", "2 jobs", "1,200 jobs"]
