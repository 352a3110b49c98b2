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
"""The work may have been begun, and paid for, before the time was up."""

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
"""How a message begins that says so; farther back it may be quoting a prompt."""
ABOUT_CONTENT = re.compile(r"\b(content|polic(y|ies)|moderation|nsfw|sensitive|prohibited|violat\w+)\b", re.IGNORECASE)
ABOUT_THE_KEY = re.compile(r"\b(key|keys|permissions?|allow-?list|whitelist|ip)\b", re.IGNORECASE)
"""What is about the key as well is about the key: then the run stops, and all jobs stay ready."""

LONGEST_TASK_ID = 512
"""Characters; those of the service have some thirty."""

CAUTION: tuple[Fault, ...] = (Refused, NotAccepted, NotAuthorised, OutOfBalance, GatewayFault, Unknown)
"""Where the HTTP status and the envelope's code disagree, the later of their readings holds."""


def task_or_fault(status: int, envelope: Envelope | None) -> TaskId | Fault:
    """The taskId of a submission that was accepted, else why it was not.

    An acceptance without a taskId is unknown: the task may be there, and nobody could ask for it. Neither could anybody
    by an id that has half a character in it or that is longer than URLs are.
    """
    fault = fault_of(status, envelope)
    if fault is not None or envelope is None:
        return fault or Unknown
    task_id = envelope.fields.get(TASK_ID)
    return TaskId(task_id) if isinstance(task_id, str) and _can_be_asked_for(task_id) else Unknown


def _can_be_asked_for(task_id: str) -> bool:
    return bool(task_id.strip()) and MARK not in task_id and len(task_id) <= LONGEST_TASK_ID


def fault_of(status: int, envelope: Envelope | None) -> Fault | None:
    """How an answer denies any request, None when it grants it. An answer without an envelope never grants.

    The codes decide, but for two things that only the service's message says (API notes, errors, models/image): that
    the credits do not suffice, whatever the code, and that a 403 is about the content of one request.
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
        return Unknown  # it denies and grants at once
    return max(by_status, by_envelope, key=CAUTION.index)


def _is_success(status: int) -> bool:
    return 200 <= status < 300  # noqa: PLR2004 - HTTP's classes need no names


def _by_status(status: int, *, has_envelope: bool) -> Fault:
    match status // 100:
        case 3:
            return Refused  # a redirect is never followed: it could lead the key, or the order, elsewhere
        case 4:
            return BY_CODE.get(status, Refused)
        case 5:
            # Without the envelope a gateway spoke, and the service may have taken the task all the same.
            return BY_CODE.get(status, GatewayFault) if has_envelope else GatewayFault
        case _:
            return Unknown


def _by_envelope(code: int) -> Fault | None:
    if code == ACCEPTED:
        return None
    return BY_CODE.get(code, Refused if code // 100 == 4 else Unknown)  # noqa: PLR2004 - as above
