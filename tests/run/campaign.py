"""A campaign that runs against a scripted service, on a clock that runs a thousand times faster."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

import httpx

from mjpipe.apixo.http import Client, ImageHosts
from mjpipe.domain import Job, JobState, Usd
from mjpipe.ledger import Cap, JobRecord, Ledger, Records, Writer
from mjpipe.manifest import Limits, Polling
from mjpipe.run import Ending, Replan, RunSettings, Tally, begin_work
from mjpipe.run import service as protocol
from mjpipe.run.engine import Engine
from mjpipe.run.run_state import RunState
from tests.ledger.jobs import adopt
from tests.run.service import KEY, ORIGIN, Service

FASTER = 1000.0
START = 1_800_000_000.0
LIMITS = Limits(requests_per_second=1000.0)


class QuickClock:
    """A second passes in a millisecond, unless `faster` is another number."""

    def __init__(self, begin: float = START, *, faster: float = FASTER) -> None:
        self._begin = begin
        self._faster = faster
        self._started = time.monotonic()

    def __call__(self) -> float:
        return self._begin + self.timer()

    def timer(self) -> float:
        """As fast, but nobody sets it."""
        return (time.monotonic() - self._started) * self._faster

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._faster)


@dataclass
class Notes:
    """Listens to a run."""

    lines: list[str] = field(default_factory=list)
    tally: Tally | None = None

    def show(self, tally: Tally) -> None:
        self.tally = tally

    def note(self, text: str) -> None:
        self.lines.append(text)


@dataclass(kw_only=True)
class Campaign:
    folder: Path
    ledger: Ledger
    service: Service
    clock: QuickClock
    host: str = "api.test"
    base_url: str = f"{ORIGIN}/api/v1"
    limits: Limits = LIMITS
    notes: Notes = field(default_factory=Notes)
    replan: Replan | None = None
    outputs_dir: str | Path = "out"
    now: bool = False

    @property
    def outputs(self) -> Path:
        return self.folder / self.outputs_dir

    @property
    def held(self) -> Path:
        return self.folder / "held"

    def settings(
        self, budget: Usd | None = None, cap: Usd | None = None, polling: Polling | None = None
    ) -> RunSettings:
        return RunSettings(
            limits=self.limits,
            home=self.folder,
            outputs=self.outputs,
            workshop=self.outputs / ".workshop",
            held=self.held,
            host=self.host,
            budget=budget,
            cap=None if cap is None else Cap(usd=cap, unpriced=0),
            polling=polling,
            now=self.now,
        )

    def engine(self, client: protocol.Service, images: protocol.ImageSource, settings: RunSettings) -> Engine:
        return Engine(
            ledger=self.ledger,
            service=client,
            images=images,
            settings=settings,
            progress=self.notes,
            clock=self.clock,
            timer=self.clock.timer,
            random=lambda: 0.5,
            sleep=self.clock.sleep,
            replan=self.replan,
        )

    def run_state(
        self, write: Writer, service: protocol.Service, images: protocol.ImageSource, settings: RunSettings
    ) -> RunState:
        return RunState(
            write=write,
            service=service,
            images=images,
            settings=settings,
            progress=self.notes,
            tally=self.tally(),
            speed_up=1.0,
            clock=self.clock,
            timer=self.clock.timer,
            sleep=self.clock.sleep,
            random=lambda: 0.5,
        )

    @asynccontextmanager
    async def clients(self) -> AsyncIterator[tuple[Client, ImageHosts]]:
        """Of the scripted service and of its image host."""
        async with (
            Client(base_url=self.base_url, api_key=KEY, transport=httpx.MockTransport(self.service.api)) as client,
            ImageHosts(transport=httpx.MockTransport(self.service.images)) as images,
        ):
            yield client, images

    def tally(self) -> Tally:
        return Tally(self.ledger.job_counts.by_state(), self.ledger.balance(), None)

    async def carry_out(
        self, settings: RunSettings, meanwhile: Callable[[Engine], Awaitable[None]] | None = None
    ) -> Ending:
        """One run against the scripted service; `meanwhile` goes on beside it."""
        async with self.clients() as (client, images):
            engine = self.engine(client, images, settings)
            beside = asyncio.ensure_future(meanwhile(engine)) if meanwhile else None
            try:
                with begin_work(self.ledger, settings, self.notes, now=self.clock()) as work:
                    return await engine.run(work)
            finally:
                if beside is not None:
                    beside.cancel()
                    await asyncio.gather(beside, return_exceptions=True)

    def run(
        self,
        *jobs: Job,
        budget: Usd | None = None,
        cap: Usd | None = None,
        polling: Polling | None = None,
        meanwhile: Callable[[Engine], Awaitable[None]] | None = None,
        within: float = 60.0,
    ) -> Ending:
        """Adopts the jobs, if any are given, and runs to the end. Raises TimeoutError after `within` real seconds."""
        if jobs:
            adopt(self.ledger, *jobs)
        self.notes.tally = None

        async def whole() -> Ending:
            async with asyncio.timeout(within):
                return await self.carry_out(self.settings(budget, cap, polling), meanwhile)

        ending = asyncio.run(whole())
        if ending.stop is None:
            self._was_told_the_truth(ending)
        return ending

    def _was_told_the_truth(self, ending: Ending) -> None:
        """What the bars showed last is how the run ended."""
        tally = self.notes.tally
        if tally is not None and all(record.wanted for record in self.records()):
            assert +tally.counts == Counter(ending.counts)
            assert tally.balance == ending.balance

    def run_against(self, base_url: str, *jobs: Job) -> Ending:
        """The same against a server, on the ordinary clock."""
        adopt(self.ledger, *jobs)

        async def whole() -> Ending:
            settings = self.settings()
            async with asyncio.timeout(30), Client(base_url=base_url, api_key=KEY) as client, ImageHosts() as images:
                engine = Engine(
                    ledger=self.ledger,
                    service=client,
                    images=images,
                    settings=settings,
                    progress=self.notes,
                    clock=time.time,
                    timer=time.monotonic,
                    random=lambda: 0.5,
                )
                with begin_work(self.ledger, settings, self.notes, now=time.time()) as work:
                    return await engine.run(work)

        return asyncio.run(whole())

    def records(self) -> list[JobRecord]:
        """Read through a connection of its own, as other programs do: a run may be writing through the ledger's."""
        with self._reading() as records:
            return list(records.jobs())

    def record(self, key: str) -> JobRecord:
        with self._reading() as records:
            record = records.job(key)
        assert record is not None, key
        return record

    def _reading(self) -> closing[Records]:
        (file,) = [path for _, name, path in self.ledger.connection.execute("PRAGMA database_list") if name == "main"]
        return closing(Records.open(Path(file)))

    def states(self) -> dict[str, JobState]:
        return {record.key: record.state for record in self.records() if record.wanted}

    def files(self) -> set[str]:
        """Below the outputs, but for what the run keeps for itself."""
        return {
            str(path.relative_to(self.outputs))
            for path in self.outputs.rglob("*")
            if path.is_file() and ".workshop" not in path.parts
        }

    def files_are_as_recorded(self) -> bool:
        """Each image that the ledger has on disk is there, with the content that the ledger says; no two are at one
        path.
        """
        on_record = [
            (image.path, image.sha256)
            for record in self.records()
            for attempt in record.attempts
            for image in attempt.images
            if image.path is not None
        ]
        return len(dict(on_record)) == len(on_record) and all(
            sha256((self.outputs / path).read_bytes()).hexdigest() == sha for path, sha in on_record
        )


async def until(condition: Callable[[], bool]) -> None:
    """Waits for something that nobody announces."""
    while not condition():  # noqa: ASYNC110 - there is no event to wait for
        await asyncio.sleep(0.0005)


def ends(ending: Ending) -> Counter[JobState]:
    """How many wanted jobs ended in each state."""
    counts: Counter[JobState] = Counter()
    for (_, state), count in ending.counts.items():
        counts[state] += count
    return counts
