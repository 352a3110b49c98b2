"""What a budget and a person's consent leave for further attempts."""

from mjpipe.domain import ZERO, Usd, usd
from mjpipe.ledger import Balance, Cap
from mjpipe.ledger.writing.room import Room

BALANCE = Balance(spent=usd("1.00"), reserved=usd("0.50"), at_risk=usd("0.50"), unpriced=1)
NOTHING = Balance(spent=ZERO, reserved=ZERO, at_risk=ZERO, unpriced=0)


def taken(room: Room, *prices: Usd | None) -> list[bool]:
    return [room.takes(price) for price in prices]


def test_spent_reserved_and_at_risk_leave_the_rest_of_a_budget_and_what_fits_takes_its_room() -> None:
    room = Room(BALANCE, budget=usd("2.50"), cap=None)
    assert taken(room, usd("0.30"), usd("0.30"), usd("0.20"), usd("0.01")) == [True, False, True, False]


def test_the_smaller_of_a_budget_and_a_cap_counts() -> None:
    for budget, cap in (("2.10", "9.00"), ("9.00", "2.10")):
        room = Room(BALANCE, budget=usd(budget), cap=Cap(usd=usd(cap), unpriced=0))
        assert taken(room, usd("0.20"), usd("0.10")) == [False, True]


def test_unpriced_attempts_are_counted_under_a_cap_alone() -> None:
    assert taken(Room(BALANCE, budget=None, cap=Cap(usd=ZERO, unpriced=2)), None, None) == [True, False]
    assert taken(Room(BALANCE, budget=usd("0"), cap=None), None, None) == [True, True]


def test_without_a_bound_everything_fits() -> None:
    assert taken(Room(NOTHING, budget=None, cap=None), usd("1000000"), None) == [True, True]
