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


class Attendant(Protocol):
    """Passes what a person asks for, such as Ctrl-C, to an engine."""

    def kept(self) -> AbstractContextManager[None]:
        """What is asked for inside waits for an engine, which there may not be yet."""

    def passed_to(self, engine: Engine, progress: Progress) -> AbstractContextManager[None]:
        """While the engine runs on the present loop."""


def carry_out(
    work: Work,
    ledger: Ledger,
    endpoint: Endpoint,
    settings: RunSettings,
    progress: Progress,
    *,
    replan: Replan | None,
    attendant: Attendant,
) -> Ending:
    """Until nothing is left to do, or something stops it; on a loop of its own."""

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
            with attendant.passed_to(engine, progress):
                return await engine.run(work)

    return asyncio.run(whole())
