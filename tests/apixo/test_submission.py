import json
from types import MappingProxyType

import pytest

from mjpipe.apixo import submission_body
from mjpipe.contract import Mode
from tests.apixo.inputs import INPUTS


def test_all_modes_are_tried() -> None:
    assert set(INPUTS) == set(Mode)


@pytest.mark.parametrize("mode", Mode)
def test_a_task_that_is_polled_is_submitted_as_async(mode: Mode) -> None:
    assert json.loads(submission_body(INPUTS[mode])) == {"request_type": "async", "input": INPUTS[mode]}


@pytest.mark.parametrize("mode", Mode)
def test_a_task_with_a_callback_url_is_submitted_as_callback(mode: Mode) -> None:
    assert json.loads(submission_body(INPUTS[mode], callback_url="https://example.com/hook")) == {
        "request_type": "callback",
        "callback_url": "https://example.com/hook",
        "input": INPUTS[mode],
    }


def test_equal_requests_are_equal_bytes() -> None:
    body = submission_body({"prompt": "né — 茶", "mode": "vary", "mask": {"b": (1, 2), "a": None}})
    again = submission_body(
        MappingProxyType({"mask": MappingProxyType({"a": None, "b": [1, 2]}), "mode": "vary", "prompt": "né — 茶"}),
    )
    assert body == again
    assert body == (
        rb'{"input":{"mask":{"a":null,"b":[1,2]},"mode":"vary","prompt":"n\u00e9 \u2014 \u8336"},'
        rb'"request_type":"async"}'
    )
