"""The table that decides what the outcome of a submission means for the money."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.apixo.answer_meaning import Fault, task_or_fault
from mjpipe.apixo.envelope import read_envelope
from mjpipe.domain import (
    GatewayFault,
    NotAccepted,
    NotAuthorised,
    OutOfBalance,
    Refused,
    ServiceError,
    TaskId,
    Unknown,
)


def outcome(status: int, content: bytes) -> TaskId | Fault:
    return task_or_fault(status, read_envelope(content))


def said(code: int, data: object = None, message: str = "as the test has it") -> bytes:
    return json.dumps({"code": code, "message": message, "data": data}).encode()


DENIALS: dict[int, Fault] = {
    400: Refused,
    401: NotAuthorised,
    402: OutOfBalance,
    403: NotAuthorised,
    404: Refused,
    409: Refused,
    422: Refused,
    429: NotAccepted,
    500: NotAccepted,
    502: NotAccepted,
    503: NotAccepted,
    504: GatewayFault,
}


def test_an_acceptance_gives_its_task_id() -> None:
    assert outcome(200, said(200, {"taskId": "task_1"})) == "task_1"


def test_any_success_with_a_task_id_is_an_acceptance() -> None:
    assert outcome(202, b'{"code": 200, "data": {"taskId": "task_1"}}') == "task_1"


@pytest.mark.parametrize(("code", "fault"), DENIALS.items())
def test_a_denial_means_the_same_as_a_status_and_as_the_code_of_a_200(code: int, fault: Fault) -> None:
    assert (outcome(code, said(code)), outcome(200, said(code))) == (fault, fault)


@pytest.mark.parametrize("status", [500, 501, 502, 503, 504, 520, 599])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>Bad gateway</html>",
        b'{"message": "timed out"}',
        b'{"code": 502}',
        b'{"code": "502", "message": "x"}',
        b'{"code": true, "message": "x"}',
    ],
)
def test_a_5xx_without_the_envelope_is_a_gateways(status: int, content: bytes) -> None:
    assert outcome(status, content) is GatewayFault


@pytest.mark.parametrize(
    ("status", "fault"),
    [(400, Refused), (401, NotAuthorised), (402, OutOfBalance), (404, Refused), (408, Refused), (413, Refused)],
)
def test_a_4xx_needs_no_envelope(status: int, fault: Fault) -> None:
    assert outcome(status, b"<html>no</html>") is fault


def test_a_429_needs_no_envelope_either() -> None:
    assert outcome(429, b"<html>slow down</html>") is NotAccepted


@pytest.mark.parametrize(
    "message",
    [
        "Content violates policy",
        "This request violates our content policies",
        "NSFW",
        "prohibited content detected",
        "Blocked by moderation",
    ],
)
def test_a_403_about_content_refuses_one_request_and_says_nothing_about_the_key(message: str) -> None:
    for content in (said(403, message=message), said(403, {"error": message}, message="Forbidden")):
        assert (outcome(403, content), outcome(200, content)) == (Refused, Refused)
    assert outcome(401, said(403, message=message)) is NotAuthorised
    assert outcome(403, said(401, message=message)) is NotAuthorised
    assert outcome(403, b"<html>Content policy</html>") is NotAuthorised


@pytest.mark.parametrize(
    "message",
    [
        "Forbidden",
        "The key or route cannot access the model",
        "This key may not use content filters",
        "IP not in the allowlist: policy violation",
        "Permission policy: access denied",
    ],
)
def test_any_other_403_is_about_the_key(message: str) -> None:
    assert outcome(403, said(403, message=message)) is NotAuthorised


@pytest.mark.parametrize("message", ["Insufficient credits", "insufficient balance.", "Error: Insufficient funds"])
def test_a_message_about_missing_credits_counts_more_than_its_code(message: str) -> None:
    for content in (
        said(400, message=message),
        said(500, {"error": message}, message="Sorry"),
        said(1001, message=message),
    ):
        assert outcome(200, content) is OutOfBalance
    assert outcome(400, said(400, message=message)) is OutOfBalance
    assert outcome(429, said(429, message=message)) is OutOfBalance
    # But not where the money may be gone all the same, nor where no service spoke.
    assert outcome(504, said(504, message=message)) is GatewayFault
    assert outcome(200, said(200, message=message)) is Unknown
    assert outcome(400, message.encode()) is Refused


def test_a_prompt_that_speaks_of_missing_credits_is_no_message_about_them() -> None:
    quoting = "Invalid request: input.prompt cannot be used: `a sign that says insufficient credits`"
    assert outcome(400, said(400, message=quoting)) is Refused
    assert outcome(400, said(400, message="Insufficient permissions")) is Refused


def test_a_401_needs_no_data() -> None:
    assert outcome(401, b'{"code": 401, "message": "Unauthorized"}') is NotAuthorised


@pytest.mark.parametrize("status", [301, 302, 303, 304, 307, 308])
def test_a_redirect_refuses(status: int) -> None:
    assert outcome(status, b"") is Refused


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>welcome</html>",
        b"null",
        b"[]",
        b'"task_1"',
        b'{"taskId": "task_1"}',
        b'{"code": 200, "message": "success"',
        b'{"code": 200, "message": "success"}',
        b'{"code": true, "message": "success", "data": {"taskId": "task_1"}}',
        b'{"code": 200, "message": "success", "data": null}',
        b'{"code": 200, "message": "success", "data": "task_1"}',
        b'{"code": 200, "message": "success", "data": {}}',
        b'{"code": 200, "message": "success", "data": {"taskId": ""}}',
        b'{"code": 200, "message": "success", "data": {"taskId": " "}}',
        b'{"code": 200, "message": "success", "data": {"taskId": null}}',
        b'{"code": 200, "message": "success", "data": {"taskId": 17}}',
        b'{"code": 200, "message": NaN, "data": {"taskId": "task_1"}}',
        b"\xff\xfe\x00",
        b"[" * 200_000,
        said(0, {"taskId": "task_1"}),
        said(201, {"taskId": "task_1"}),
        said(301),
        said(501),
        said(999),
        said(-1),
    ],
)
def test_a_2xx_that_is_not_as_documented_is_unknown(content: bytes) -> None:
    assert outcome(200, content) is Unknown


@pytest.mark.parametrize(
    ("status", "code", "fault"),
    [
        (400, 200, Unknown),
        (500, 200, Unknown),
        (400, 402, OutOfBalance),
        (400, 500, NotAccepted),
        (500, 400, NotAccepted),
        (500, 401, NotAuthorised),
        (500, 504, GatewayFault),
        (504, 500, GatewayFault),
        (504, 400, GatewayFault),
        (501, 501, Unknown),
        (302, 200, Unknown),
        (302, 302, Unknown),
    ],
)
def test_where_status_and_code_disagree_the_more_cautious_reading_holds(status: int, code: int, fault: Fault) -> None:
    assert outcome(status, said(code, {"taskId": "task_1"})) is fault


@given(status=st.integers(100, 599), content=st.binary() | st.integers().map(said))
def test_every_answer_has_an_outcome_and_none_is_accepted_without_a_task_id(status: int, content: bytes) -> None:
    decided = outcome(status, content)
    assert isinstance(decided, type)
    assert issubclass(decided, ServiceError)


@given(status=st.integers(100, 599), code=st.integers(0, 600))
def test_only_a_denial_that_the_documents_know_is_called_free(status: int, code: int) -> None:
    if outcome(status, said(code)) is NotAccepted:
        assert {status, code} & {429, 500, 502, 503}
        assert 504 not in {status, code}
