from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.apixo import backoff
from mjpipe.apixo.http.retry_after import retry_after_seconds

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def test_the_bound_of_the_wait_doubles_from_a_second_to_a_minute() -> None:
    waits = [backoff(attempt, retry_after=None, random=lambda: 0.5) for attempt in range(1, 10)]
    assert waits == [0.5, 1, 2, 4, 8, 16, 30, 30, 30]


def test_the_wait_is_anywhere_below_its_bound() -> None:
    assert backoff(4, retry_after=None, random=lambda: 0.0) == 0.0
    assert backoff(4, retry_after=None, random=lambda: 0.75) == 6.0


def test_requests_that_got_the_same_retry_after_do_not_come_back_together() -> None:
    assert backoff(1, retry_after=20.0, random=lambda: 0.0) == 20.0
    assert backoff(1, retry_after=20.0, random=lambda: 0.5) == 20.5


@given(
    attempt=st.integers(1, 10**9),
    retry_after=st.none() | st.floats(0, 10**6),
    jitter=st.floats(0, 1, exclude_max=True),
)
def test_nobody_waits_less_than_was_asked_or_a_minute_longer(
    attempt: int, retry_after: float | None, jitter: float
) -> None:
    asked = retry_after or 0.0
    assert asked <= backoff(attempt, retry_after=retry_after, random=lambda: jitter) <= asked + 60


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("1.5", 1.5),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0),
        ("Sun, 22 Nov 2026 13:01:30 +0100", 90.0),
        ("Sun, 22 Nov 2026 12:01:30 -0000", 90.0),
        ("Sunday, 22-Nov-26 12:01:30 GMT", 90.0),
        ("Sun Nov 22 12:01:30 2026", 90.0),
        ("Sun, 22 Nov 2026 11:59:00 GMT", 0.0),
        ("soon", None),
        ("Sun, 22 Nov 99999999999 12:00:00 GMT", None),
        ("", None),
        ("-5", None),
        ("1e9", None),
        ("nan", None),
        ("9999999999999", None),
        ("Sun, 99 Nov 2026 12:01:30 GMT", None),
    ],
)
def test_retry_after_comes_in_seconds_or_as_a_date(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, now=NOW) == seconds


@given(st.text())
def test_no_header_breaks_the_reading(header: str) -> None:
    seconds = retry_after_seconds(header, now=NOW)
    assert seconds is None or seconds >= 0
