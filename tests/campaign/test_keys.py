"""What is said of a key that no job has."""

import pytest

from mjpipe.campaign.keys import near_keys

KEYS = ["hero/T-01/studio", "hero/T-02/studio", "final/Ñ-1/0"]


@pytest.mark.parametrize(
    ("typed", "keys", "said"),
    [
        ("HERO/t-02/Studio", KEYS, "did you mean `hero/T-02/studio`?"),
        ("final/ñ-1/0", KEYS, "did you mean `final/Ñ-1/0`?"),
        ("hero/T-O1/studio", KEYS, "did you mean `hero/T-01/studio`?"),
        ("x", KEYS, "keys look like `hero/T-01/studio`"),
        ("x", [], "`mjpipe expand M` prints all keys"),
        ("hero/S-O4999/a", [f"hero/S-{number:05}/a" for number in range(9_999)], "did you mean `hero/S-04999/a`"),
        ("hero/4711/studoi", [f"hero/{number}/studio" for number in range(9_999)], "did you mean `hero/4711/studio`"),
    ],
)
def test_near_keys_are_named_whatever_their_letter_case(typed: str, keys: list[str], said: str) -> None:
    assert near_keys(typed, keys, typed="M").startswith(said)
