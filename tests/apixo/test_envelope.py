import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.apixo.envelope import Envelope, read_envelope, read_json


def test_the_reason_is_the_most_particular_thing_that_was_said() -> None:
    assert Envelope(code=400, message="Invalid request", data={"error": "no prompt"}).reason == "no prompt"
    assert Envelope(code=400, message="Invalid request", data={"error": ""}).reason == "Invalid request"
    assert Envelope(code=400, message="Invalid request", data=None).reason == "Invalid request"


@given(st.binary())
def test_no_content_breaks_the_reading(content: bytes) -> None:
    assert read_envelope(content) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=())),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=())), inner),
)


@given(JSON)
def test_whatever_json_says_can_be_written_down(document: object) -> None:
    json.dumps(read_json(json.dumps(document)), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        (r'"a teapot \ud83d"', "a teapot \ufffd"),
        (r'"\udeeb\uD83D!"', "\ufffd\ufffd!"),
        (r'"a teapot \ud83e\uded6"', "a teapot \U0001fad6"),
        (r'"C:\\ud83d"', "C:\\ud83d"),
        (r'{"\ud83d": [{"a": "\ud83d"}, 1.5, null]}', {"\ufffd": [{"a": "\ufffd"}, Decimal("1.5"), None]}),
    ],
)
def test_half_a_character_becomes_a_mark_and_a_whole_one_stays(text: str, read: object) -> None:
    assert read_json(text) == read
