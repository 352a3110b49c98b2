"""A small campaign that one can write in many ways, and what it asks for whichever way it is written."""

import csv
import io
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

Ask = tuple[object, ...]
"""What a task was asked for: its prompt, or a mode with the number of an image and what that was asked for."""

LAYOUTS = (
    "{{ node }}/{{ sku }}-{{ image }}.{{ ext }}",
    "{{ sku }}/{{ image }} {{ node }}.{{ ext }}",
    "{{ name }}/{{ sku }}.{{ node }}.{{ image }}.{{ ext }}",
    None,
)
PRICES = {"hero": Decimal("0.20"), "warm": Decimal("0.30"), "final": Decimal("0.30")}
COMMENT = "# of no account: {{ nonsense }}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One job: its ask, that of its source, and where its images go."""

    node: str
    ask: Ask
    source: "Wanted | None"
    paths: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Teapots:
    """`rows` are SKU and name; `first` is what the first node is called, `crops` which of its images are upscaled.

    `hand` decides all that the service never hears of: order, comments, white space, quotes, labels, limits, prices of
    what is not asked for, columns and variables and inputs that nothing uses. `patience` is the `task_timeout`.
    """

    rows: tuple[tuple[str, str], ...]
    first: str = "hero"
    light: str = "warm"
    take: int = 1
    crops: tuple[int, ...] = (1,)
    layout: int = 0
    hand: int = 0
    patience: int = 900

    def write(self, folder: Path) -> Path:
        """Gives the path of the manifest."""
        chance = random.Random(self.hand)
        (folder / "products.csv").write_text(self._table(chance), newline="")
        manifest = folder / "campaign.yaml"
        manifest.write_text(self._yaml(chance))
        return manifest

    def jobs(self) -> list[Wanted]:
        return [job for sku, name in self.rows for take in range(self.take) for job in self._line(sku, name, take)]

    def _line(self, sku: str, name: str, take: int) -> Iterator[Wanted]:
        led = f"t{take}-" if self.take > 1 else ""
        prompt = f"a {name}, thrown by hand"
        labels = [f"{led}{number}" for number in range(4)]
        key = f"{self.first}/{sku}" + (f"/t{take}" if self.take > 1 else "")
        hero = Wanted(
            node=self.first, ask=(prompt,), source=None, paths=self._paths(self.first, sku, name, key, labels)
        )
        yield hero
        yield Wanted(
            node="warm",
            ask=("vary", hero.ask, 0, self.light),
            source=hero,
            paths=self._paths("warm", sku, name, f"warm/{sku}/{led}0", [f"{led}0-{number}" for number in range(4)]),
        )
        for crop in self.crops:
            yield Wanted(
                node="final",
                ask=("upscale", hero.ask, crop),
                source=hero,
                paths=self._paths("final", sku, name, f"final/{sku}/{led}{crop}", [f"{led}{crop}"]),
            )

    def _paths(self, node: str, sku: str, name: str, key: str, labels: Sequence[str]) -> tuple[str, ...]:
        layout = LAYOUTS[self.layout]
        if layout is None:
            return tuple(f"{key}-{number}.png" for number in range(len(labels)))
        words = {"node": node, "sku": sku, "name": name, "ext": "png"}
        return tuple(_filled(layout, {**words, "image": label}) for label in labels)

    def _table(self, chance: random.Random) -> str:
        columns = ["sku", "name", "note"]
        rows = [{"sku": sku, "name": name, "note": chance.choice(["", "dear", "a, b"])} for sku, name in self.rows]
        chance.shuffle(rows)
        chance.shuffle(columns)
        text = io.StringIO()
        dialect = chance.choice(["excel", "unix"])  # quotes where they are needed, or everywhere
        table = csv.DictWriter(text, columns, dialect=dialect, lineterminator=chance.choice(["\n", "\r\n"]))
        table.writeheader()
        table.writerows(rows)
        return text.getvalue()

    def _yaml(self, chance: random.Random) -> str:
        hero: dict[str, Any] = {
            "kind": "generate",
            "for_each": ["products"],
            "params": {"prompt": "a {{ name }}, {{ made }}", "aspect_ratio": "1:1"},
        }
        if self.first != "hero":
            hero["was"] = "hero"
        if self.take > 1:
            hero["take"] = self.take
        warm = {"kind": "vary", "from": self.first, "images": [0], "params": {"type": 1, "remixPrompt": self.light}}
        final = {"kind": "upscale", "from": self.first, "images": [*self.crops], "params": {"type": 0}}
        document = {
            "mjpipe": 1,
            "campaign": "teapots",
            "vars": {"made": "thrown by hand"},
            "inputs": {"products": {"csv": "products.csv", "key": "sku"}},
            "limits": {
                "requests_per_second": 1000,
                "concurrency": chance.randint(1, 9),
                "task_timeout": self.patience,
            },
            "nodes": {self.first: hero, "warm": warm, "final": final},
        }
        layout = LAYOUTS[self.layout]
        if layout is not None:
            document["outputs"] = {"path": layout}
        for change in chance.sample(_OF_NO_ACCOUNT, k=chance.randint(0, 3)):
            _merge(document, change)
        text = yaml.safe_dump(
            _shuffled(document, chance) if chance.random() < 0.5 else document,
            sort_keys=False,
            default_flow_style=chance.choice([False, None, True]),
            indent=chance.choice([2, 3, 7]),
            width=1000,
        )
        lines = text.splitlines(keepends=True)
        for place in chance.sample(range(len(lines) + 1), k=chance.randint(0, 1 + len(lines) // 4)):
            lines[place:place] = [chance.choice(["\n", f"{COMMENT}\n", f"    {COMMENT}\n"])]
        return "".join(lines)


_OF_NO_ACCOUNT: tuple[dict[str, Any], ...] = (
    {"vars": {"idle": "nobody asks"}},
    {"inputs": {"unused": {"rows": [{"a": "1"}, {"a": "2"}]}}},
    {"prices": {"enhance": "0.10"}},
    {"limits": {"downloads": 3, "max_attempts": 2}},
    {"nodes": {"warm": {"labels": {"who": "{{ name }}"}}}},
    {"nodes": {"final": {"labels": {"season": "spring {{ sku }}"}}}},
    {"defaults": {"speed": "fast"}},
)


def _merge(document: dict[str, Any], change: Mapping[str, Any]) -> None:
    for key, value in change.items():
        if isinstance(value, dict):
            _merge(document.setdefault(key, {}), value)
        else:
            document[key] = value


def _shuffled(value: Any, chance: random.Random) -> Any:
    if not isinstance(value, dict):
        return value
    return {key: _shuffled(value[key], chance) for key in chance.sample(sorted(value), k=len(value))}


def _filled(layout: str, words: Mapping[str, str]) -> str:
    for word, value in words.items():
        layout = layout.replace(f"{{{{ {word} }}}}", value.replace(" ", "-"))
    return layout


def asks_of(tasks: Sequence[Mapping[str, Any]]) -> dict[str, Ask]:
    """What each task of a sandbox's bill was asked for, by taskId."""
    asks: dict[str, Ask] = {}
    for task in tasks:
        request = task["request"]
        match request["mode"]:
            case "text-to-image":
                ask: Ask = (request["prompt"],)
            case "vary":
                ask = ("vary", asks[request["taskId"]], request["imageIndex"], request["remixPrompt"])
            case mode:
                ask = (mode, asks[request["taskId"]], request["imageIndex"])
        asks[task["taskId"]] = ask
    return asks


def still_to_pay(jobs: Sequence[Wanted], tasks: Sequence[Mapping[str, Any]]) -> Counter[Ask]:
    """What no task of the bill was asked for yet."""
    return Counter(job.ask for job in jobs) - Counter(asks_of(tasks).values())


def price_of(asks: Counter[Ask]) -> Decimal:
    return sum(
        (count * (PRICES["hero"] if len(ask) == 1 else PRICES["warm"]) for ask, count in asks.items()), Decimal()
    )


def assets_of(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "out" / "teapots" / "assets.jsonl").read_text().splitlines()]


def wanted_assets(folder: Path) -> dict[str, dict[str, Any]]:
    """The lines of assets.jsonl about images that the manifest asks for, by path."""
    return {asset["path"]: asset for asset in assets_of(folder) if not asset["orphan"]}
