"""Runs the sandbox: inside this process for a run, or as a server of its own."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Self

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from mjpipe.domain import StateFault, UsageFault, reason_of
from mjpipe.sandbox.addresses import BASE
from mjpipe.sandbox.app import create_app
from mjpipe.sandbox.settings import Settings

_LOOPBACK = "127.0.0.1"
_BACKLOG = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningSandbox:
    """A client uses `base_url` in place of the service's; the bill and the images are at `origin`."""

    base_url: str
    origin: str

    @classmethod
    def at(cls, listener: socket.socket) -> Self:
        host, port = listener.getsockname()[:2]
        origin = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        return cls(base_url=origin + BASE, origin=origin)


class Server(uvicorn.Server):
    """uvicorn without its logging, which calls `ready` when it accepts requests."""

    def __init__(self, app: Starlette, ready: Callable[[], None]) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                loop="asyncio",
                http=H11Protocol,
                ws="none",
                lifespan="on",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                # Longer than any poll interval: a client's idle connection does not go stale between two polls.
                timeout_keep_alive=75,
            )
        )
        self._ready = ready
        self._outage: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        # Each request's scope carries a copy of this, so that faults can reach the connection below the application.
        self.lifespan.state["server"] = self
        await super().startup(sockets)
        self._ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._outage is not None:
            self._outage.cancel()
        # Nobody waits for answers any more, and a slow one would delay the end.
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)

    def cut(self, client: tuple[str, int]) -> None:
        """Close one connection at once."""
        for connection in list(self.server_state.connections):
            if connection.transport.get_extra_info("peername")[:2] == client:
                connection.transport.abort()

    def refuse(self, seconds: float) -> None:
        """Accept no connection for a while; requests under way are answered first."""
        if self._outage is None:
            self._outage = asyncio.get_running_loop().create_task(self._refuse(seconds))

    async def _refuse(self, seconds: float) -> None:
        address = self.servers[0].sockets[0].getsockname()[:2]
        for server in self.servers:
            server.close()
        # Bound but not listening, it refuses every connection, and nobody else can take the port meanwhile.
        with _bound(*address) as closed:
            for connection in list(self.server_state.connections):
                connection.shutdown()
            await asyncio.sleep(seconds)
            self.servers = [await asyncio.get_running_loop().create_server(self._connection, sock=closed.dup())]
        self._outage = None

    def _connection(self) -> asyncio.Protocol:
        return H11Protocol(config=self.config, server_state=self.server_state, app_state=self.lifespan.state)


@contextmanager
def start_sandbox(settings: Settings, *, port: int = 0, host: str = _LOOPBACK) -> Iterator[RunningSandbox]:
    """A sandbox in a thread of this process, ready when it is yielded, gone when the block ends.

    Port 0 takes a free one. Raises UsageFault when the port cannot be had, StateFault when the state cannot be used.
    """
    with _listening(host, port) as listener:
        ready = threading.Event()
        server = Server(create_app(settings), ready.set)

        def serve() -> None:
            try:
                server.run([listener])
            finally:
                # A server that did not come up must not be waited for.
                ready.set()

        thread = threading.Thread(target=serve, name="sandbox", daemon=True)
        thread.start()
        ready.wait()
        if not server.started:
            raise StateFault(
                f"the sandbox on `{settings.state}` did not start",
                help="start `mjpipe sandbox` in a terminal to see why",
            )
        try:
            yield RunningSandbox.at(listener)
        finally:
            server.should_exit = True
            thread.join()


def serve_sandbox(
    settings: Settings, *, host: str = _LOOPBACK, port: int = 0, ready: Callable[[str], None] = lambda _base_url: None
) -> None:
    """Serves until Ctrl-C or SIGTERM. `ready` is called with the base URL once requests can come in.

    Raises as `start_sandbox` does.
    """
    with _listening(host, port) as listener:
        server = Server(create_app(settings), lambda: ready(RunningSandbox.at(listener).base_url))
        try:
            server.run([listener])
        except KeyboardInterrupt:
            # uvicorn has closed everything in good order, and then raises the signal again.
            return


@contextmanager
def _listening(host: str, port: int) -> Iterator[socket.socket]:
    with _bound(host, port) as listener:
        listener.listen(_BACKLOG)
        yield listener


@contextmanager
def _bound(host: str, port: int) -> Iterator[socket.socket]:
    """Raises UsageFault when the address cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only for sockets that name their protocol; with it each answer takes 40 ms.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            holder.bind((host, port))
        except OSError as error:
            raise UsageFault(
                f"the sandbox cannot listen on `{host}:{port}`: {reason_of(error)}",
                help="another port with --port, or 0 for a free one",
            ) from error
        yield holder
