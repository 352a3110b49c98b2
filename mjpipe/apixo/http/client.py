"""The client: one call is one request, which gives a value or raises an error that says what it means for the money."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import ROUND_DOWN, Decimal, InvalidOperation
from typing import Any, Self
from urllib.parse import quote

import httpx

from mjpipe.apixo.access import ApiKey, checked_base_url
from mjpipe.apixo.answer_meaning import Fault, fault_of, task_or_fault
from mjpipe.apixo.environment import check_environment, trusted_authorities
from mjpipe.apixo.http.answer import Answer, error_of, read_answer
from mjpipe.apixo.http.retry_after import retry_after_seconds
from mjpipe.apixo.http.wire import CONNECTED, Wire
from mjpipe.apixo.task import Accepted, TaskNotFound, TaskStatus, read_task
from mjpipe.apixo.timeout import wait_at_most
from mjpipe.contract import DEFAULT_BASE_URL, FAIL_CODES, MODEL, TASK_ID
from mjpipe.domain import MICRO_USD, NotAccepted, Refused, ServiceError, Unknown, Usd, fault_text, one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """In seconds. `submit` and `ask` bound a whole call, `connect` the time until there is a connection. While the
    process is stopped (Ctrl-Z), `submit` and `ask` stand still.

    `submit` is longer than gateways wait, because giving up on an answer leaves the job in doubt. `ask` is short,
    because asking again costs nothing.
    """

    connect: float = 10.0
    submit: float = 120.0
    ask: float = 20.0


DEFAULT_TIMEOUTS = Timeouts()


NEVER_CONNECTED = (httpx.ConnectError, httpx.ConnectTimeout)
"""What every transport of httpx raises before there is a connection."""


class Client:
    """The service, or the sandbox: whichever answers at `base_url`.

        async with Client(api_key=key) as client:
            accepted = await client.submit(submission_body({"mode": "text-to-image", "prompt": "a teapot"}))
            status = await client.status(accepted.task_id)

    Nothing is repeated and no redirect is followed; the key goes to the host of `base_url` alone. A given `transport`
    serves all calls and is not closed; without one, each submission has a connection of its own. `now` is the clock
    for a Retry-After date.

    Raises UsageFault when `base_url` is neither https nor http on loopback, when no header can carry the key, or when
    the environment names a proxy or certificates that cannot be used.
    """

    def __init__(
        self,
        *,
        base_url: str = DEFAULT_BASE_URL,
        api_key: str,
        transport: httpx.AsyncBaseTransport | None = None,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.base_url = checked_base_url(base_url)
        if transport is None:
            check_environment(self.base_url)
            if self.base_url.startswith("https"):
                trusted_authorities()  # read now, so that no submission fails of it
        self._key = ApiKey(api_key)
        self._submit_url = httpx.URL(f"{self.base_url}/generateTask/{MODEL}")
        self._headers = httpx.Headers(
            {
                "Authorization": self._key.header,
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "mjpipe",
            }
        )
        self._timeouts = timeouts
        self._now = now
        self._submissions = transport or Wire(fresh=True)
        self._questions = transport or Wire()
        self._closes = transport is None

    def __repr__(self) -> str:
        return f"Client(base_url={self.base_url!r})"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._closes:
            await self._submissions.aclose()
            await self._questions.aclose()

    async def submit(self, body: bytes) -> Accepted:
        """Sends `body` once, exactly as it is (see `submission_body`).

        Raises Refused, NotAuthorised, OutOfBalance, NotAccepted, GatewayFault or Unknown; `mjpipe.domain.errors` says
        what each means for the money. A cancelled call may have been accepted, too.
        """
        request = httpx.Request("POST", self._submit_url, headers=self._headers, content=body)
        request.headers["Content-Type"] = "application/json"
        try:
            answer = await self._exchange(self._submissions, request, within=self._timeouts.submit)
        except asyncio.CancelledError:
            if request.extensions.get(CONNECTED) is False:
                raise self._left_unsent() from None
            raise
        task = task_or_fault(answer.status, answer.envelope)
        if isinstance(task, type):
            raise self._error(answer, task)
        return Accepted(task_id=task, speed_up=answer.speed_up)

    async def status(self, task_id: str) -> TaskStatus:
        """Where a task stands. Asking is free: whatever this raises, it may be called again.

        Raises TaskNotFound for an unknown task, Unknown also for an answer without a state or about another task, else
        what `submit` raises.
        """
        path = f"/statusTask/{MODEL}?{TASK_ID}={quote(task_id, safe='')}"
        answer = await self._ask(path, not_found=TaskNotFound)
        fields = answer.envelope.fields if answer.envelope else {}
        if "state" not in fields or fields.get(TASK_ID, task_id) != task_id:
            raise self._error(answer, Unknown)
        status = read_task(fields, speed_up=answer.speed_up, evidence=answer.evidence)
        return replace(
            status,
            fail_code=status.fail_code and self._shown_code(status.fail_code),
            fail_message=status.fail_message and self._shown(status.fail_message),
        )

    async def balance(self) -> Usd:
        """What is left for this key (API notes, api-reference/system), rounded down to a millionth of a dollar.

        Raises what `submit` raises.
        """
        answer = await self._ask("/apikeys/current-balance")
        amount = _amount(answer.envelope.data) if answer.envelope else None
        if amount is None:
            raise self._error(answer, Unknown)
        return amount

    async def _ask(self, path: str, *, not_found: Fault = Refused) -> Answer:
        """The answer to a request that was granted."""
        request = httpx.Request("GET", self.base_url + path, headers=self._headers)
        answer = await self._exchange(self._questions, request, within=self._timeouts.ask)
        fault = fault_of(answer.status, answer.envelope)
        if fault is not None:
            raise self._error(answer, not_found if fault is Refused and answer.says(404) else fault)
        return answer

    async def _exchange(self, transport: httpx.AsyncBaseTransport, request: httpx.Request, *, within: float) -> Answer:
        connect = self._timeouts.connect
        request.extensions["timeout"] = {"connect": connect, "pool": connect}  # the rest is bounded by `within`
        try:
            return await wait_at_most(self._answer(transport, request), seconds=within)
        except Exception as error:
            # Whatever broke, not only httpx's errors: the request may be on its way.
            never_connected = request.extensions.get(CONNECTED) is False or isinstance(error, NEVER_CONNECTED)
            raise self._failure(error, never_connected=never_connected) from error

    async def _answer(self, transport: httpx.AsyncBaseTransport, request: httpx.Request) -> Answer:
        response = await transport.handle_async_request(request)
        return await read_answer(response, address=str(request.url), shown=self._shown)

    def _failure(self, error: Exception, *, never_connected: bool) -> ServiceError:
        """Without a connection nothing was sent. With one, nobody can say how far a request got."""
        seen, code = self._shown(fault_text(error)), type(error).__name__
        if never_connected:
            return NotAccepted(f"nothing could be sent to `{self.base_url}`: {seen}", code=code, evidence=seen)
        return Unknown(f"no whole answer came from `{self.base_url}`: {seen}", code=code, evidence=seen)

    def _left_unsent(self) -> NotAccepted:
        seen = "the run ended before there was a connection"
        return NotAccepted(f"nothing was sent to `{self.base_url}`: {seen}", code="left", evidence=seen)

    def _error(self, answer: Answer, fault: Fault) -> ServiceError:
        retry_after = retry_after_seconds(answer.headers.get("Retry-After"), now=self._now())
        return error_of(answer, fault, retry_after=retry_after, shown=self._shown)

    def _shown_code(self, code: str) -> str:
        """A documented code stays as it is, even when a short key is part of it: its meaning is looked up later."""
        return code if code in FAIL_CODES else self._shown(code)

    def _shown(self, text: str) -> str:
        """Text from outside, fit to be shown: without the key, on one line."""
        return one_line(self._key.hidden_in(text))


def _amount(number: Any) -> Usd | None:
    if isinstance(number, bool) or not isinstance(number, int | Decimal):
        return None
    try:
        return Usd(Decimal(number).quantize(MICRO_USD, rounding=ROUND_DOWN))
    except InvalidOperation:
        return None  # more digits than money has
