"""What an answer of the service means for the money: the one place where that is decided."""

import re
from typing import TypeAlias

from mjpipe.apixo.envelope import MARK, Envelope
from mjpipe.contract import ACCEPTED, NOT_ACCEPTED_CODES, TASK_ID
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

Fault: TypeAlias = type[ServiceError]

UPSTREAM_TIMEOUT = 504
"""The work may have begun, and been billed, before the time was up."""

UNAUTHORISED = 401
FORBIDDEN = 403

BY_CODE: dict[int, Fault] = {
    UNAUTHORISED: NotAuthorised,
    402: OutOfBalance,
    FORBIDDEN: NotAuthorised,
    **dict.fromkeys(NOT_ACCEPTED_CODES, NotAccepted),
    UPSTREAM_TIMEOUT: GatewayFault,
}

NO_CREDITS = re.compile(r".{0,30}\binsufficient (credit|balance|fund)", re.IGNORECASE)
"""At the beginning of a message; farther on it may be quoting a prompt."""
ABOUT_CONTENT = re.compile(r"\b(content|polic(y|ies)|moderation|nsfw|sensitive|prohibited|violat\w+)\b", re.IGNORECASE)
ABOUT_THE_KEY = re.compile(r"\b(key|keys|permissions?|allow-?list|whitelist|ip)\b", re.IGNORECASE)
"""A message about content and the key is about the key: the run stops, and all jobs stay ready."""

LONGEST_TASK_ID = 512
"""Characters; those of the service have some thirty."""

CAUTION: tuple[Fault, ...] = (Refused, NotAccepted, NotAuthorised, OutOfBalance, GatewayFault, Unknown)
"""From the least cautious to the most. Where HTTP status and envelope disagree, the more cautious reading counts."""


def task_or_fault(status: int, envelope: Envelope | None) -> TaskId | Fault:
    """The taskId of an accepted submission, else why there is none.

    An acceptance without a taskId that can be asked for is Unknown: there may be a task. An id is of no use with half a
    character in it, or when no URL is that long.
    """
    fault = fault_of(status, envelope)
    if fault is not None or envelope is None:
        return fault or Unknown
    task_id = envelope.fields.get(TASK_ID)
    return TaskId(task_id) if isinstance(task_id, str) and _can_be_asked_for(task_id) else Unknown


def _can_be_asked_for(task_id: str) -> bool:
    return bool(task_id.strip()) and MARK not in task_id and len(task_id) <= LONGEST_TASK_ID


def fault_of(status: int, envelope: Envelope | None) -> Fault | None:
    """Why an answer refuses a request, None when it grants it. An answer without an envelope never grants one.

    The codes decide, except for two things that only the message says (API notes, errors, models/image): that the
    credits do not suffice, whatever the code, and that a 403 is about the content of one request.
    """
    fault = _by_codes(status, envelope)
    if fault is None or envelope is None or envelope.code == ACCEPTED:
        return fault
    if fault is not GatewayFault and any(map(NO_CREDITS.match, envelope.sentences)):
        return OutOfBalance
    if fault is NotAuthorised and UNAUTHORISED not in (status, envelope.code) and _is_about_content(envelope):
        return Refused
    return fault


def _is_about_content(envelope: Envelope) -> bool:
    said = " ".join(envelope.sentences)
    return bool(ABOUT_CONTENT.search(said)) and not ABOUT_THE_KEY.search(said)


def _by_codes(status: int, envelope: Envelope | None) -> Fault | None:
    if _is_success(status):
        return _by_envelope(envelope.code) if envelope else Unknown
    by_status = _by_status(status, has_envelope=envelope is not None)
    if envelope is None:
        return by_status
    by_envelope = _by_envelope(envelope.code)
    if by_envelope is None:
        return Unknown  # it refuses and grants at once
    return max(by_status, by_envelope, key=CAUTION.index)


def _is_success(status: int) -> bool:
    return 200 <= status < 300  # noqa: PLR2004 - HTTP's classes need no names


def _by_status(status: int, *, has_envelope: bool) -> Fault:
    match status // 100:
        case 3:
            return Refused  # a redirect is never followed: it could send the key, or the order, elsewhere
        case 4:
            return BY_CODE.get(status, Refused)
        case 5:
            # Without an envelope it was a gateway that answered, and the service may have accepted the task.
            return BY_CODE.get(status, GatewayFault) if has_envelope else GatewayFault
        case _:
            return Unknown


def _by_envelope(code: int) -> Fault | None:
    if code == ACCEPTED:
        return None
    return BY_CODE.get(code, Refused if code // 100 == 4 else Unknown)  # noqa: PLR2004 - as above
