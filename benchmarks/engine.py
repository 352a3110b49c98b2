"""mjpipe on the same work: its own planner, ledger on disk, engine, client and downloads.

    python -m benchmarks.engine --url URL --key KEY --items N --together N --within FOLDER [--interval SECONDS]

Prints JSON: CPU and wall seconds of planning and running, and peak memory in bytes.
"""

import argparse
import asyncio
import random
import tempfile
import time
from pathlib import Path

from benchmarks.measure import measured
from mjpipe.apixo.http import Client, ImageHosts
from mjpipe.domain import JobState
from mjpipe.ledger import Ledger, this_process
from mjpipe.manifest import Manifest, load_manifest
from mjpipe.plan import expand
from mjpipe.pricing import load_prices
from mjpipe.run import Ending, Progress, RunSettings, Tally, begin_work
from mjpipe.run.engine import Engine

MANIFEST = """\
mjpipe: 1
campaign: benchmark
inputs: {{items: {{csv: items.csv, key: item}}}}
limits: {{concurrency: {together}, requests_per_second: 10000}}
polling: {{first_after: {interval}, interval: {interval}}}
nodes:
  hero: {{kind: generate, for_each: items, params: {{prompt: "a teapot, item {{{{ item }}}}"}}}}
  final: {{kind: upscale, from: hero, images: {images}, params: {{type: 0}}}}
"""


class Quiet(Progress):
    def show(self, tally: Tally) -> None:
        pass

    def note(self, text: str) -> None:
        print(text)


def write_campaign(folder: Path, *, items: int, together: int, interval: float, images: str = "[0]") -> Manifest:
    """A campaign of two steps for each item."""
    (folder / "items.csv").write_text("item\n" + "".join(f"{number}\n" for number in range(items)))
    path = folder / "manifest.yaml"
    path.write_text(MANIFEST.format(together=together, interval=interval, images=images))
    loaded = load_manifest(path)
    assert loaded.manifest is not None
    assert not loaded.diagnostics, loaded.diagnostics
    return loaded.manifest


async def carry_out(manifest: Manifest, ledger: Ledger, url: str, key: str) -> Ending:
    outputs = manifest.outputs.dir
    settings = RunSettings(
        limits=manifest.limits,
        home=manifest.path.parent,
        outputs=outputs,
        workshop=outputs / ".mjpipe",
        held=outputs / ".held",
        host="benchmark",
        polling=manifest.polling,
    )
    async with Client(base_url=url, api_key=key) as client, ImageHosts() as images:
        engine = Engine(
            ledger=ledger,
            service=client,
            images=images,
            settings=settings,
            progress=Quiet(),
            clock=time.time,
            timer=time.monotonic,
            random=random.random,
        )
        with begin_work(ledger, settings, Quiet(), now=time.time()) as work:
            return await engine.run(work)


def adopt(ledger: Ledger, manifest: Manifest) -> None:
    """The plan of a manifest, on which nothing has been decided."""
    with ledger.adopting() as adoption:
        assert expand(manifest, load_prices(), adoption.take) == ()
        adoption.finish()


def run(options: argparse.Namespace) -> None:
    folder = Path(tempfile.mkdtemp(prefix="mjpipe-", dir=options.within))
    with measured():
        manifest = write_campaign(folder, items=options.items, together=options.together, interval=options.interval)
        ledger = Ledger.open(folder / "ledger.sqlite")
        with (
            ledger.hold.kept(this_process(), time.time()),
            ledger.writing_receipts(manifest.receipts, host="benchmark", campaign=manifest.campaign),
        ):
            adopt(ledger, manifest)
            ending = asyncio.run(carry_out(manifest, ledger, options.url, options.key))
        ledger.close()
    assert ending.of(JobState.DONE) == 2 * options.items, ending


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engine", description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--key", required=True)
    parser.add_argument("--items", type=int, required=True)
    parser.add_argument("--together", type=int, required=True)
    parser.add_argument("--interval", type=float, default=0.001)
    parser.add_argument("--within", type=Path, required=True, help="the folder for its files, which it leaves there")
    run(parser.parse_args())


if __name__ == "__main__":
    main()
