"""A campaign that is made, edited and made again, and held against what the service says of it."""

import json
import random
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.cli.in_process import InProcess, at
from tests.cli.program import SandboxServer, asked
from tests.cli.teapots import LAYOUTS, Teapots, asks_of, assets_of, price_of, still_to_pay, wanted_assets

NAMES = ("heron", "crane", "duck", "old swan")
SKUS = tuple("ABCDEFGHIJ")


def whole_runs(examples: int) -> settings:
    """For properties of real processes. What fails is shown as it was found: to make it smaller takes minutes, and what
    depends on the moment of a kill does not come twice.
    """
    phases = [Phase.explicit, Phase.reuse, Phase.generate]
    return settings(max_examples=examples, deadline=None, suppress_health_check=[*HealthCheck], phases=phases)


class Studio:
    """A campaign on disk and the service that makes it; knows what was made before this campaign began."""

    def __init__(self, folder: Path, server: SandboxServer) -> None:
        self.folder = folder
        self.server = server
        self.mjpipe: InProcess = at(server)
        self._before = len(server.tasks())
        self._pictures: dict[tuple[str, int], str] = {}
        self._seen: set[str] = set()

    def tasks(self) -> list[dict[str, Any]]:
        return self.server.tasks()[self._before :]

    def make(self, teapots: Teapots) -> None:
        """Plans and runs, and holds both against what the campaign asks for and what was paid for it before."""
        manifest = teapots.write(self.folder)
        jobs = teapots.jobs()
        before = self.tasks()
        to_pay = still_to_pay(jobs, before)
        plan = self.mjpipe.plan(manifest)
        said = (plan["jobs"]["to_submit"], plan["cost"]["low_usd"], plan["cost"]["high_usd"])
        price = f"{price_of(to_pay):.2f}"
        assert said == (to_pay.total(), price, price)
        self.mjpipe("run", manifest, "--yes")
        tasks = self.tasks()
        new = [*asks_of(tasks).values()][len(before) :]
        assert sorted(map(repr, new)) == sorted(map(repr, to_pay.elements()))
        self._pictures_are_there(teapots, tasks)

    def _pictures_are_there(self, teapots: Teapots, tasks: list[dict[str, Any]]) -> None:
        """Each at its path, of the right task, with the content that the service has of it; and none is ever lost."""
        outputs = self.folder / "out" / "teapots"
        on_disk = contents(outputs)
        assert on_disk.keys() <= {asset["path"] for asset in assets_of(self.folder)}
        assets = wanted_assets(self.folder)
        asks = asks_of(tasks)
        sources = {task["taskId"]: task["request"].get("taskId") for task in tasks}
        jobs = teapots.jobs()
        assert assets.keys() == {path for job in jobs for path in job.paths}
        task_of = {job.paths[0]: assets[job.paths[0]]["taskId"] for job in jobs}
        assert len({*task_of.values()}) == len(jobs)
        for job in jobs:
            task = task_of[job.paths[0]]
            assert asks[task] == job.ask
            assert sources[task] == (None if job.source is None else task_of[job.source.paths[0]])
            for number, path in enumerate(job.paths):
                content = sha256((outputs / path).read_bytes()).hexdigest()
                assert (assets[path]["taskId"], assets[path]["number"]) == (task, number)
                assert content == assets[path]["sha256"] == self._picture(task, number)
        assert {*on_disk.values()} >= self._seen
        self._seen = {*on_disk.values()}

    def all_differ(self) -> bool:
        """Whether no two pictures are alike: the sandbox draws the same ask the same way."""
        asks = [*asks_of(self.tasks()).values()]
        return len(asks) == len({*asks})

    def lose(self, chance: int) -> None:
        """Somebody deletes one picture in four, orphans too."""
        dice = random.Random(chance)
        for path in sorted((self.folder / "out" / "teapots").rglob("*.png")):
            if dice.random() < 1 / 4:
                path.unlink()
        self._seen = {*contents(self.folder / "out" / "teapots").values()}

    def _picture(self, task: str, number: int) -> str:
        if (task, number) not in self._pictures:
            for index, url in enumerate(self._urls(task)):
                self._pictures[task, index] = sha256(asked(url).content).hexdigest()
        return self._pictures[task, number]

    def _urls(self, task: str) -> list[str]:
        answer = asked(
            f"{self.server.base_url}/statusTask/midjourney",
            params={"taskId": task},
            headers={"Authorization": "Bearer a-key"},
        )
        urls: list[str] = json.loads(answer.json()["data"]["resultJson"])["resultUrls"]
        return urls


def contents(outputs: Path) -> dict[str, str]:
    """SHA-256 of each picture by its path."""
    pictures = outputs.rglob("*.png")
    return {str(path.relative_to(outputs)): sha256(path.read_bytes()).hexdigest() for path in pictures}


@st.composite
def campaigns(draw: st.DrawFn) -> Teapots:
    skus = draw(st.lists(st.sampled_from(SKUS), min_size=1, max_size=2, unique=True))
    return Teapots(rows=tuple((sku, draw(st.sampled_from(NAMES))) for sku in skus))


def other(options: tuple[Any, ...], than: object) -> st.SearchStrategy[Any]:
    return st.sampled_from([option for option in options if option != than])


@st.composite
def edited(draw: st.DrawFn, before: Teapots, history: list[Teapots]) -> Teapots:
    """An edit of a campaign, or the return to what it was at some time."""
    place = draw(st.integers(0, len(before.rows) - 1))
    sku, name = before.rows[place]
    free = tuple(option for option in SKUS if option not in dict(before.rows))

    def with_row(row: tuple[str, str]) -> Teapots:
        return replace(before, rows=(*before.rows[:place], row, *before.rows[place + 1 :]))

    match draw(st.sampled_from(EDITS)):
        case "written in another way":
            return replace(before, hand=draw(st.integers(1, 1_000_000)))
        case "laid out in another way":
            return replace(before, layout=draw(other(tuple(range(len(LAYOUTS))), before.layout)))
        case "node renamed":
            return replace(before, first=draw(other(("hero", "lead", "opening"), before.first)))
        case "row renamed":
            return with_row((draw(st.sampled_from(free)), name))
        case "cell changed":
            return with_row((sku, draw(other(NAMES, name))))
        case "cells rotated":
            names = [name for _, name in before.rows]
            return replace(before, rows=tuple(zip(dict(before.rows), names[1:] + names[:1], strict=True)))
        case "row added":
            return replace(before, rows=(*before.rows, (draw(st.sampled_from(free)), draw(st.sampled_from(NAMES)))))
        case "row removed":
            return replace(before, rows=before.rows[:place] + before.rows[place + 1 :] or before.rows)
        case "light changed":
            return replace(before, light=draw(other(("warm", "cold"), before.light)))
        case "crops changed":
            return replace(before, crops=draw(other(((1,), (3,), (1, 3)), before.crops)))
        case "takes changed":
            return replace(before, take=draw(other((1, 2, 3), before.take)))
        case _:
            return draw(st.sampled_from(history))


EDITS = (
    "written in another way",
    "laid out in another way",
    "node renamed",
    "row renamed",
    "cell changed",
    "cells rotated",
    "row added",
    "row removed",
    "light changed",
    "crops changed",
    "takes changed",
    "undone",
)
