"""What a person writes in an hour: asyncio, aiohttp and a state.json. It promises nothing; mjpipe is held against it.

    python -m benchmarks.bare --url URL --key KEY --items N --together N --within FOLDER
                              [--interval SECONDS | --oracle] [--save-each SECONDS]

Its `state.json` is written at each change, or else a taskId that was paid for could be lost; with `--save-each` only
that often, which loses some, and is kinder to a long run. Prints JSON: CPU and wall seconds, and peak memory in bytes.
"""

import argparse
import asyncio
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

from benchmarks.measure import measured
from benchmarks.service import Pace


@dataclass(kw_only=True)
class Script:
    """`interval` seconds lie between two questions for a task, None when it is known when the task ends; `save_each`
    seconds between two savings of the state, None for one at each change.
    """

    session: aiohttp.ClientSession
    url: str
    pace: Pace
    folder: Path
    interval: float | None
    save_each: float | None
    state: dict[str, dict[str, str]] = field(default_factory=dict)

    async def item(self, number: int) -> None:
        generate = {"mode": "text-to-image", "prompt": f"a teapot, item {number}", "speed": "fast"}
        first = await self.step(number, 0, generate)
        await self.step(number, 1, {"mode": "upscale", "taskId": first, "imageIndex": 0, "type": 0})

    async def step(self, item: int, step: int, request: Mapping[str, object]) -> str:
        body = {"request_type": "async", "input": request}
        async with self.session.post(f"{self.url}/generateTask/midjourney", json=body) as response:
            task = str(json.loads(await response.read())["data"]["taskId"])
        self.note(item, step, task, "submitted")
        urls = await self.images(task, self.pace.latency(item, step))
        if self.pace.images > 1:
            files = (self.fetch(url, self.folder / f"{item}-{step}-{image}.png") for image, url in enumerate(urls))
            await asyncio.gather(*files)
        self.note(item, step, task, "done")
        return task

    async def images(self, task: str, latency: float) -> list[str]:
        while True:
            await asyncio.sleep(latency if self.interval is None else self.interval)
            address = f"{self.url}/statusTask/midjourney?taskId={task}"
            async with self.session.get(address) as response:
                status = json.loads(await response.read())["data"]
            if status["state"] == "success":
                return list(json.loads(status["resultJson"])["resultUrls"])
            latency = 0.001

    async def fetch(self, url: str, path: Path) -> None:
        async with self.session.get(url) as response:
            path.write_bytes(await response.read())

    def note(self, item: int, step: int, task: str, state: str) -> None:
        self.state[f"{item}-{step}"] = {"task": task, "state": state}
        if self.save_each is None:
            self.save()

    def save(self) -> None:
        (self.folder / "state.json").write_text(json.dumps(self.state))

    async def keep_saving(self) -> None:
        while self.save_each is not None:
            self.save()
            await asyncio.sleep(self.save_each)


async def run(options: argparse.Namespace) -> None:
    headers = {"Authorization": f"Bearer {options.key}"}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(connector=connector, headers=headers) as session:
        script = Script(
            session=session,
            url=options.url,
            pace=Pace.of_key(options.key),
            folder=Path(tempfile.mkdtemp(prefix="bare-", dir=options.within)),
            interval=None if options.oracle else options.interval,
            save_each=options.save_each,
        )
        left = iter(range(options.items))

        async def worker() -> None:
            for number in left:
                await script.item(number)

        saving = asyncio.create_task(script.keep_saving())
        await asyncio.gather(*(worker() for _ in range(options.together)))
        saving.cancel()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.bare", description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--items", type=int, required=True)
    parser.add_argument("--together", type=int, required=True)
    parser.add_argument("--within", type=Path, required=True, help="the folder for its files, which it leaves there")
    parser.add_argument("--interval", type=float, default=0.0)
    parser.add_argument("--oracle", action="store_true", help="ask when the task ends")
    parser.add_argument("--save-each", type=float, help="seconds between two savings of its state")
    options = parser.parse_args()
    with measured():
        asyncio.run(run(options))


if __name__ == "__main__":
    main()
