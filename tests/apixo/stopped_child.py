"""A process of its own that submits once, for tests that stop it. When it goes on, its clock has gone on by an hour."""

import asyncio
import signal
import sys

from mjpipe.apixo import submission_body
from mjpipe.apixo.http import Client
from mjpipe.domain import ServiceError

HOUR = 3600.0


class Loop(asyncio.SelectorEventLoop):
    """As a stop of an hour leaves it: all its timers are due at once."""

    ahead = 0.0

    def time(self) -> float:
        return super().time() + self.ahead


async def submit(base_url: str) -> None:
    async with Client(base_url=base_url, api_key="a-key") as client:
        try:
            accepted = await client.submit(submission_body({"mode": "text-to-image", "prompt": "a teapot"}))
            sys.stdout.write(accepted.task_id)
        except ServiceError as fault:
            sys.stdout.write(type(fault).__name__)


def main() -> None:
    loop = Loop()

    def woken(_number: int, _frame: object) -> None:
        loop.ahead += HOUR

    signal.signal(signal.SIGCONT, woken)
    loop.run_until_complete(submit(sys.argv[1]))
    loop.close()


if __name__ == "__main__":
    main()
