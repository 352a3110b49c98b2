"""An answer of the service, read whole, and the error that it stands for."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from mjpipe.apixo.answer_meaning import Fault
from mjpipe.apixo.envelope import Envelope, read_envelope
from mjpipe.apixo.http.content import BadCompression, pieces
from mjpipe.contract import ACCEPTED, HTTP_MEANINGS
from mjpipe.domain import NotAuthorised, OutOfBalance, Refused, ServiceError, Unknown, one_line

CONTENT_LIMIT = 1024 * 1024
"""Bytes of an answer that are read, decompressed: no documented answer is longer."""

NOT_FOUND = 404

OF_ONE_REQUEST = {
    403: "content or policy",
    NOT_FOUND: "nothing at this address, or no such source task; check APIXO_BASE_URL",
}
"""What these codes mean for one refused request; elsewhere they are about the key, or about a task."""

HELP: dict[Fault, str] = {
    NotAuthorised: "check APIXO_API_KEY, that the key may use the model, and its list of allowed IP addresses",
    OutOfBalance: "add balance to the account, then run the same command again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`envelope` is None when something else than the service answered. `address` is the URL without its query,
    `evidence` the beginning of the answer, fit to be shown.
    """

    address: str
    status: int
    headers: httpx.Headers
    envelope: Envelope | None
    evidence: str

    def says(self, code: int) -> bool:
        return code == self.status or (self.envelope is not None and code == self.envelope.code)

    @property
    def speed_up(self) -> float:
        """From the sandbox's header `Sandbox-Speed-Up`; 1.0 for the service, which does not send it."""
        try:
            factor = float(self.headers.get("Sandbox-Speed-Up", "1"))
        except ValueError:
            return 1.0
        return factor if 0 < factor < math.inf else 1.0


async def read_answer(response: httpx.Response, *, address: str, shown: Callable[[str], str]) -> Answer:
    """The whole answer of `address`; the response is closed. `shown` makes foreign text fit to be shown.

    An answer that is too long or cannot be decompressed has no envelope; its status still counts.
    """
    content = bytearray()
    try:
        async for piece in pieces(response):
            content += piece[: CONTENT_LIMIT - len(content)]
            if len(content) == CONTENT_LIMIT:
                break
    except BadCompression as fault:
        content[:] = f"(could not be decompressed: {fault})".encode()
    finally:
        await response.aclose()
    return Answer(
        address=address.partition("?")[0],
        status=response.status_code,
        headers=response.headers,
        envelope=read_envelope(bytes(content)),
        evidence=shown(f"HTTP {response.status_code} {content.decode(errors='replace')}"),
    )


def error_of(
    answer: Answer, fault: Fault, *, retry_after: float | None = None, shown: Callable[[str], str] = one_line
) -> ServiceError:
    """The error, with what was answered."""
    envelope = answer.envelope
    code = answer.status if envelope is None or envelope.code == ACCEPTED else envelope.code
    if fault is Unknown:
        message = f"the service answered {code}, but not as documented"
    elif envelope is None and answer.status == NOT_FOUND and fault is Refused:
        message = f"there is nothing at `{answer.address}`: 404; check APIXO_BASE_URL"
    elif envelope is None:
        message = f"something other than the service answered: {answer.status}"
    else:
        meaning = _meaning(code, fault)
        in_words = f" ({meaning})" if meaning else ""
        message = f"the service answered {code}{in_words}: {shown(envelope.reason)}"
    return fault(
        message,
        status=answer.status,
        code=str(code),
        evidence=answer.evidence,
        retry_after=retry_after,
        help=HELP.get(fault),
    )


def _meaning(code: int, fault: Fault) -> str | None:
    """What the code means for a request that ended in `fault`, None when it is undocumented."""
    if fault is OutOfBalance:
        return HTTP_MEANINGS[402]  # whatever the code was: the message said so
    if fault is Refused and code in OF_ONE_REQUEST:
        return OF_ONE_REQUEST[code]
    return HTTP_MEANINGS.get(code)
