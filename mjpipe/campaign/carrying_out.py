"""Carrying out the work of a run: the event loop, the service, and the hosts of its images."""

import asyncio
import random
import time
from contextlib import AbstractContextManager
from typing import Protocol

from mjpipe.apixo.http import Client, ImageHosts
from mjpipe.campaign.endpoint import Endpoint
from mjpipe.ledger import Ledger
from mjpipe.run import Ending, Progress, Replan, RunSettings, Work
from mjpipe.run.engine import Engine


class InterruptHandler(Protocol):
    """Passes a person's signals, such as Ctrl-C, to an engine."""

    def kept(self) -> AbstractContextManager[None]:
        """Keeps signals for the engine, which may not exist yet."""

    @property
    def has_come(self) -> bool:
        """Whether a signal has come while there was no engine."""

    def passed_to(self, engine: Engine, progress: Progress) -> AbstractContextManager[None]:
        """Passes signals to the engine while it runs on the current loop."""


def carry_out(
    work: Work,
    ledger: Ledger,
    endpoint: Endpoint,
    settings: RunSettings,
    progress: Progress,
    *,
    replan: Replan | None,
    interrupts: InterruptHandler,
) -> Ending:
    """Works until nothing is left to do or something stops it, on its own event loop."""

    async def whole() -> Ending:
        async with Client(base_url=endpoint.base_url, api_key=endpoint.key) as service, ImageHosts() as images:
            engine = Engine(
                ledger=ledger,
                service=service,
                images=images,
                settings=settings,
                progress=progress,
                clock=time.time,
                timer=time.monotonic,
                random=random.random,
                replan=replan,
            )
            with interrupts.passed_to(engine, progress):
                return await engine.run(work)

    return asyncio.run(whole())
