"""The routes of the sandbox: the service's endpoints, its images, and its bill."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mjpipe.contract import MODEL
from mjpipe.domain import TaskId, Usd, usd
from mjpipe.sandbox.acceptance import Acceptance, is_available
from mjpipe.sandbox.addresses import BASE, IMAGES, image_url
from mjpipe.sandbox.bill import bill_document
from mjpipe.sandbox.callbacks import Callbacks
from mjpipe.sandbox.envelope import Refusal, compact, refusal, success
from mjpipe.sandbox.faults import NO_FAULT, At, Do, Event, FaultInjector, Faults, delay, faulty_answer, load_faults
from mjpipe.sandbox.picture_cache import PictureCache
from mjpipe.sandbox.settings import Settings
from mjpipe.sandbox.store import Store
from mjpipe.sandbox.submission import read_submission
from mjpipe.sandbox.task import Picture, Task, status_document, with_fault

_SPEED_UP = "Sandbox-Speed-Up"
_PLENTY = usd("1000000")
"""The balance at the start when it never runs out."""


def _random_task_id() -> TaskId:
    return TaskId(f"task_{secrets.token_hex(8)}")


def create_app(
    settings: Settings,
    *,
    clock: Callable[[], float] = time.time,
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    task_id: Callable[[], TaskId] = _random_task_id,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """The sandbox as an ASGI application, for a server or for `httpx.ASGITransport`.

    `clock` is in seconds since the epoch; `sleep` waits until a webhook is due; `transport` carries the sandbox's own
    requests, None for the network. The state is opened here and closed when the application's lifespan ends:
    without a server, run it within `app.router.lifespan_context(app)`. Raises StateFault when the state cannot be
    used, UsageFault when the faults file cannot.
    """
    faults = Faults() if settings.faults is None else load_faults(settings.faults)
    sandbox = Sandbox(
        settings, faults, Store(settings.state), clock=clock, sleep=sleep, task_id=task_id, transport=transport
    )
    return Starlette(
        routes=[
            Route(f"{BASE}/generateTask/{MODEL}", sandbox.submit, methods=["POST"]),
            Route(f"{BASE}/statusTask/{MODEL}", sandbox.status),
            Route(f"{BASE}/apikeys/current-balance", sandbox.balance),
            Route("/sandbox/bill", sandbox.bill),
            Route(f"{IMAGES}/{{task_id}}/{{index:int}}.png", sandbox.image),
        ],
        exception_handlers={Refusal: sandbox.refused, HTTPException: sandbox.lost},
        lifespan=sandbox.lifespan,
    )


class Sandbox:
    """The service's behaviour at its endpoints."""

    def __init__(
        self,
        settings: Settings,
        faults: Faults,
        store: Store,
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[object]],
        task_id: Callable[[], TaskId],
        transport: httpx.AsyncBaseTransport | None,
    ) -> None:
        self._settings = settings
        self._store = store
        self._clock = clock
        self._injector = FaultInjector(faults, clock)
        self._acceptance = Acceptance(settings, store, task_id=task_id, client=self._http)
        self._pictures = PictureCache(store, pixels=settings.pixels)
        self._callbacks = Callbacks(
            store,
            self._injector,
            payload=self._payload,
            client=self._http,
            speed_up=settings.speed_up,
            clock=clock,
            sleep=sleep,
        )
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._renewals: Counter[Picture] = Counter()
        self._gone: set[Picture] = set()
        self._headers = {"Server": "mjpipe-sandbox", _SPEED_UP: f"{settings.speed_up:.12g}"}

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        for task, tries in self._store.undelivered():
            self._callbacks.schedule(task, tries)
        try:
            yield
        finally:
            await self._callbacks.close()
            if self._client is not None:
                await self._client.aclose()
            self._pictures.close()
            self._store.close()

    async def submit(self, request: Request) -> Response:
        self._authorise(request)
        submission = read_submission(await request.body(), request.headers.get("content-type", ""))
        task = await self._acceptance.task_of(submission, origin=_origin(request), now=self._now())
        fault = self._injector.fault_for(Event.of(At.SUBMIT, task))
        usual = self._json(success({"taskId": task.id}))
        answered = faulty_answer(fault, usual, request.scope)
        if fault.accepts:
            self._accept(task, unanswered=answered is not usual)
        await delay(fault, request.receive)
        return answered

    def _accept(self, task: Task, *, unanswered: bool) -> None:
        fault = self._injector.fault_for(Event.of(At.TASK, task))
        if fault is not NO_FAULT:
            task = with_fault(task, fault.of_task())
        task = replace(task, fault=replace(task.fault, unanswered=unanswered))
        self._store.accept(task, balance=self._settings.balance, concurrency=self._settings.concurrency)
        if task.callback_url is not None:
            self._callbacks.schedule(task)

    async def status(self, request: Request) -> Response:
        self._authorise(request)
        task_id = request.query_params.get("taskId")
        if not task_id:
            raise Refusal(400, "Missing required parameter: taskId")
        task = self._store.task(task_id)
        if task is None:
            raise Refusal(404)
        body = self._status(task, _origin(request), self._now())
        return await self._respond(request, Event.of(At.STATUS, task), self._json(body))

    async def balance(self, request: Request) -> Response:
        self._authorise(request)
        left = (_PLENTY if self._settings.balance is None else self._settings.balance) - self._store.spent()
        return await self._respond(request, Event(at=At.BALANCE, subject="balance"), self._json(success(float(left))))

    async def bill(self, _request: Request) -> Response:
        balance = self._settings.balance
        spent = self._store.spent()
        document = bill_document(
            self._store.tasks(),
            spent=spent,
            balance=None if balance is None else Usd(balance - spent),
            now=self._now(),
        )
        return self._json(compact(document))

    async def image(self, request: Request) -> Response:
        picture = Picture(task_id=request.path_params["task_id"], index=request.path_params["index"])
        task = self._store.task(picture.task_id)
        if task is None or not is_available(task, picture, self._now()):
            raise Refusal(404, "no such image")
        if picture in self._gone or _renewal(request) < self._renewals[picture]:
            raise Refusal(403, "this URL has expired")
        event = Event.of(At.IMAGE, task, picture.index)
        png = await self._pictures.png(task, picture.index)
        usual = Response(png, media_type="image/png", headers=self._headers)
        return await self._respond(request, event, usual, picture)

    async def _respond(
        self, request: Request, event: Event, usual: Response, picture: Picture | None = None
    ) -> Response:
        fault = self._injector.fault_for(event)
        if fault.do is Do.GONE and picture is not None:
            self._gone.add(picture)
            raise Refusal(403, "this URL has expired")
        if fault.do is Do.EXPIRED and picture is not None:
            self._renewals[picture] += 1
            raise Refusal(403, "this URL has expired")
        await delay(fault, request.receive)
        return faulty_answer(fault, usual, request.scope)

    def _status(self, task: Task, here: str, now: int) -> bytes:
        return success(status_document(task, now, lambda it: image_url(here, it, self._renewals[it])))

    def _payload(self, task: Task) -> bytes:
        """The body of a webhook: that of a finished task, even if the wait ended a little early."""
        return self._status(task, task.origin, max(task.completed, self._now()))

    def _authorise(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        key = key.strip()
        known = bool(key) if self._settings.key is None else _same(key, self._settings.key)
        if scheme.lower() != "bearer" or not known:
            raise Refusal(401)

    def _now(self) -> int:
        """Unix milliseconds, as the service counts."""
        return round(self._clock() * 1000)

    def _http(self) -> httpx.AsyncClient:
        """For the sandbox's own requests. The environment's proxies do not apply: they go to loopback."""
        if self._client is None:
            self._client = httpx.AsyncClient(transport=self._transport, trust_env=False)
        return self._client

    def _json(self, body: bytes, status: int = 200) -> Response:
        return Response(body, status, media_type="application/json", headers=self._headers)

    async def refused(self, _request: Request, refused: Exception) -> Response:
        assert isinstance(refused, Refusal)
        return self._json(refusal(refused.status, refused.error), refused.status)

    async def lost(self, _request: Request, error: Exception) -> Response:
        """A path or a method that the service does not have."""
        assert isinstance(error, HTTPException)
        answered = self._json(refusal(error.status_code, error.detail), error.status_code)
        answered.headers.update(error.headers or {})  # Allow, with a 405
        return answered


def _origin(request: Request) -> str:
    """Scheme and host as the client named them; image URLs begin with it."""
    return f"{request.url.scheme}://{request.headers.get('host', '')}"


def _renewal(request: Request) -> int:
    """How many URLs of the image had expired when this one was given."""
    text = request.query_params.get("renewed", "")
    return int(text) if text.isdecimal() else 0


def _same(key: str, other: str) -> bool:
    return secrets.compare_digest(key.encode(), other.encode())
