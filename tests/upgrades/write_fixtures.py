"""Writes states and outputs with the mjpipe of today, for the releases that come after it.

    python -m tests.upgrades.write_fixtures FOLDER [NAME ...]

writes `NAME.tar.xz` and `NAME.expected.json` for each fixture, or for those that are named, into FOLDER, which bears
the number of the ledger's format (`tests/upgrades/format_2`). The tests do not run it: what is there was written by the
code of its day and is never written again. A later format gets a folder of its own.

An archive holds a folder as a user has it: manifest, inputs, picks, `.mjpipe/` and outputs. `expected.json` is what the
code of that day said of it: the plan, the money, the states of jobs, the images, and under `run` what its next run made
of a copy.
"""

import json
import lzma
import shutil
import signal
import sqlite3
import subprocess
import sys
import tarfile
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.cli.program import EXAMPLES, ROOT, SandboxServer
from tests.examples.test_examples import PICKS
from tests.upgrades.expectation import Expectation, images, seen
from tests.upgrades.small_pictures import PIXELS

PROGRAM = [sys.executable, "-m", "tests.upgrades.small_pictures"]


@dataclass
class Home:
    """A user's folder. `sandbox` says that its state is the sandbox's."""

    folder: Path
    manifest: str = "campaign.yaml"
    sandbox: bool = True
    environment: dict[str, str] = field(default_factory=dict)

    def write(self, name: str, text: str) -> None:
        """As it stands, line ends too."""
        (self.folder / name).write_bytes(text.encode("utf-8"))

    def start(self, command: str, *argv: str) -> subprocess.Popen[str]:
        where = ["--sandbox"] if self.sandbox else []
        path = self.folder / self.manifest
        return subprocess.Popen(
            [*PROGRAM, command, str(path), *where, *argv],
            cwd=ROOT,
            env={"PATH": "/usr/bin:/bin", "NO_COLOR": "1", **self.environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def __call__(self, command: str, *argv: str, code: int = 0) -> str:
        process = self.start(command, *argv)
        out, err = process.communicate()
        if process.returncode != code:
            raise RuntimeError(f"{command}: {process.returncode}, not {code}\n{out}\n{err}")
        return out

    def ledger(self) -> sqlite3.Connection:
        (path,) = (self.folder / ".mjpipe").glob("*/ledger.sqlite")
        return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)


# The examples


def example(name: str) -> Callable[[Home], None]:
    def make(home: Home) -> None:
        home.manifest = f"{name}.yaml"
        for file in (f"{name}.yaml", *_inputs_of(name)):
            shutil.copy(EXAMPLES / file, home.folder)
        picked = PICKS.get(name)
        home("run", code=0 if picked is None else 5)
        if picked is not None:
            home.write(f"{name}.picks.sandbox.csv", "\n".join(["key,decision,images", *picked.lines, ""]))
            home("run", code=picked.code)

    return make


def _inputs_of(name: str) -> list[str]:
    text = (EXAMPLES / f"{name}.yaml").read_text("utf-8")
    return [path.name for path in EXAMPLES.iterdir() if path.suffix in (".csv", ".jsonl", ".txt") and path.name in text]


# What happens to a run


def killed(home: Home) -> None:
    """SIGKILL, when some jobs are done, some are submitted, one is on the wire and some are not yet sent."""
    rows = "".join(f"T-{number:02},teapot number {number}\n" for number in range(12))
    home.write("teapots.csv", f"sku,name\n{rows}")
    home.write(
        "campaign.yaml",
        """\
mjpipe: 1
campaign: killed
inputs: {teapots: {csv: teapots.csv, key: sku}}
limits: {concurrency: 6, requests_per_second: 30}
nodes:
  hero: {kind: generate, for_each: [teapots], params: {prompt: "a {{ name }}"}}
  final: {kind: upscale, from: hero, images: [1], params: {type: 0}}
""",
    )
    process = home.start("run")
    while True:
        process.send_signal(signal.SIGSTOP)  # so that what is seen is what is killed
        if _half_way(home):
            break
        process.send_signal(signal.SIGCONT)
        time.sleep(0.003)
    process.send_signal(signal.SIGKILL)
    process.communicate()


def _half_way(home: Home) -> bool:
    try:
        with closing(home.ledger()) as ledger:
            states: dict[str, int] = dict(ledger.execute("SELECT state, count(*) FROM jobs GROUP BY state"))
    except (ValueError, sqlite3.OperationalError):  # it is not there yet
        return False
    return states.get("done", 0) > 5 and states.get("submitted", 0) > 1 and states.get("submitting", 0) > 0


def in_doubt(home: Home) -> None:
    """A state of the service, not of the sandbox: an answer that was lost, a gateway's 504, a task that failed."""
    home.sandbox = False
    home.write(
        "campaign.yaml",
        """\
mjpipe: 1
campaign: doubtful
inputs: {teapots: {csv: teapots.csv, key: sku}}
limits: {budget: 20.00, requests_per_second: 30}
outputs: {path: "{{ node }}/{{ sku }}-{{ image }}.{{ ext }}"}
nodes:
  hero: {kind: generate, for_each: [teapots], params: {prompt: "a {{ name }}"}}
  warm: {kind: vary, from: hero, images: [0, 2], params: {type: 1, remixPrompt: "warm {{ name }}"}}
""",
    )
    home.write("teapots.csv", "sku,name\nT-1,red teapot\nT-2,blue teapot\nT-3,green teapot\nT-4,grey teapot\n")
    rules: list[dict[str, object]] = [
        {"at": "submit", "do": "cut", "prompt": "a red teapot"},
        {"at": "submit", "do": "cut", "mode": "vary", "nth": 1},
        {"at": "submit", "do": "html", "status": 504, "prompt": "a grey teapot", "times": 1},
        {"at": "task", "do": "fail", "code": "Prompt Error", "mode": "vary", "nth": 3},
    ]
    with sandbox_with(rules) as server:
        home.environment = {"APIXO_BASE_URL": server.base_url, "APIXO_API_KEY": "a-key"}
        home("run", "--yes", code=6)


def in_doubt_resolved(home: Home) -> None:
    """Every answer that a submission may get, and what a person said of two that were lost. As above, of a service."""
    home.sandbox = False
    home.write(
        "campaign.yaml",
        """\
mjpipe: 1
campaign: resolved
inputs: {teapots: {csv: teapots.csv, key: sku}}
limits: {requests_per_second: 30}
nodes:
  hero: {kind: generate, for_each: [teapots], params: {prompt: "a {{ name }}"}}
""",
    )
    names = ("red", "blue", "green", "grey", "white", "black")
    home.write("teapots.csv", "\n".join(["sku,name", *(f"T-{n},{name} teapot" for n, name in enumerate(names, 1)), ""]))
    rules: list[dict[str, object]] = [
        {"at": "submit", "do": "cut", "prompt": "a red teapot"},
        {"at": "submit", "do": "cut", "prompt": "a blue teapot"},
        {"at": "submit", "do": "answer", "status": 503, "prompt": "a green teapot", "times": 1},
        {"at": "submit", "do": "answer", "status": 400, "prompt": "a grey teapot"},
        {"at": "submit", "do": "html", "status": 504, "prompt": "a white teapot", "times": 1},
    ]
    with sandbox_with(rules) as server:
        home.environment = {"APIXO_BASE_URL": server.base_url, "APIXO_API_KEY": "a-key"}
        home("run", "--yes", code=6)
        home("resolve", "hero/T-1", "--task-id", "task_of_the_red_teapot")
        home("resolve", "hero/T-2", "--not-sent")


def changed(home: Home) -> None:
    """An image that somebody has changed, which is kept."""
    home.write(
        "campaign.yaml",
        """\
mjpipe: 1
campaign: changed
inputs: {teapots: {rows: [{sku: T-1, name: red}, {sku: T-2, name: blue}], key: sku}}
nodes:
  hero: {kind: generate, for_each: [teapots], params: {prompt: "a {{ name }} teapot"}}
""",
    )
    home("run")
    first, second, *_ = sorted(images(home.folder))
    shutil.copy(home.folder / second, home.folder / first)
    home("run")


@contextmanager
def sandbox_with(rules: list[dict[str, object]]) -> Iterator[SandboxServer]:
    with TemporaryDirectory() as state:
        faults = Path(state) / "faults.json"
        faults.write_text(json.dumps({"faults": 1, "rules": rules}))
        options = ["--port", "0", "--speed-up", "200", "--pixels", str(PIXELS)]
        process = subprocess.Popen(
            [*PROGRAM, "sandbox", *options, "--state", state, "--faults", str(faults)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            line = next(line for line in process.stdout if "APIXO_BASE_URL=" in line)
            yield SandboxServer(line.partition("APIXO_BASE_URL=")[2].strip())
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def rerolled(home: Home) -> None:
    """A reroll by the picks that has been made, another that is asked for, an orphan of the first, a pick of each."""
    home.write(
        "campaign.yaml",
        """\
mjpipe: 1
campaign: rerolled
inputs: {teapots: {rows: [{sku: T-1, name: red}, {sku: T-2, name: blue}, {sku: T-3, name: green}], key: sku}}
nodes:
  hero: {kind: generate, for_each: [teapots], params: {prompt: "a {{ name }} teapot"}}
  final: {kind: upscale, from: hero, images: pick, params: {type: 0}}
""",
    )
    picks = ["key,node,decision,images,task,note,by,at", "hero/T-1,,pick,1,,,,", "hero/T-2,final,pick,0 2,,,,"]
    home.write("picks.sandbox.csv", "\n".join([*picks, ""]))
    home("run", code=5)
    home("run", code=5)
    with closing(home.ledger()) as ledger:
        query = "SELECT j.key, a.task FROM jobs j JOIN attempts a ON a.id = j.attempt WHERE j.node = 'hero'"
        task_of = dict(ledger.execute(query).fetchall())
    picks[1] = f"hero/T-1,,reroll,,{task_of['hero/T-1']},,,"
    home.write("picks.sandbox.csv", "\n".join([*picks, ""]))
    home("run", code=5)
    picks += ["hero/T-1,,pick,3,,,,", f"hero/T-3,,reroll,,{task_of['hero/T-3']},,,"]
    home.write("picks.sandbox.csv", "\n".join([*picks, ""]))


# Requests that a later rule changes


def versions(home: Home) -> None:
    """`v8.1` and `V7`, sent as they are written. One node was renamed, one row is gone, and one job was made both as
    `8.1` and as `v8.1`.
    """
    rows = "sku,name\nT-1,red\nT-2,blue\n"
    home.write("teapots.csv", f"{rows}T-3,green\n")
    text = """\
mjpipe: 1
campaign: versions
inputs: {teapots: {csv: teapots.csv, key: sku}}
defaults: {version: v8.1}
nodes:
  cover: {kind: generate, for_each: [teapots], params: {prompt: "a {{ name }} teapot"}}
  sharp: {kind: generate, for_each: [teapots], params: {prompt: "a sharp {{ name }} teapot", is_hd: true}}
  quick: {kind: generate, params: {prompt: a teapot, version: V7, speed: turbo}}
  twice: {kind: generate, params: {prompt: two teapots, version: "8.1"}}
  pair: {kind: upscale, from: twice, images: [0], params: {type: 0}}
  warm: {kind: vary, from: cover, images: [0], params: {type: 1, remixPrompt: warmer}}
  fixed: {kind: edit, from: cover, images: [1], params: {prompt: "a {{ name }} lid"}}
  final: {kind: upscale, from: [warm, fixed], images: [0], params: {type: 0}}
  again: {kind: reroll, from: quick}
"""
    home.write("campaign.yaml", text)
    home("run")
    text = text.replace("from: cover", "from: hero").replace("cover: {kind", "hero: {was: cover, kind")
    home.write("campaign.yaml", text.replace('version: "8.1"', "version: v8.1"))
    home("run")
    home.write("teapots.csv", rows)
    home("run")
    home("plan", "--out", str(home.folder / "saved.json"))


def lists(home: Home) -> None:
    """JSON Lines, and a list in a cell: as text it is put out with its brackets, and looped over by its letters."""
    lines = [{"sku": "T-1", "tags": ["red", "old"], "price": 12.5}, {"sku": "T-2", "tags": ["blue"], "price": 8}]
    home.write("teapots.jsonl", "".join(f"{json.dumps(line)}\n" for line in lines))
    home.write(
        "campaign.yaml",
        """\
mjpipe: 1
campaign: lists
inputs: {teapots: {jsonl: teapots.jsonl, key: sku}}
nodes:
  put-out: {kind: generate, for_each: [teapots], params: {prompt: "a teapot, {{ tags }}, at {{ price }}"}}
  looped: {kind: generate, for_each: [teapots], params: {prompt: "teapots:{% for t in tags %} {{ t }}{% endfor %}"}}
  final: {kind: upscale, from: put-out, images: [0], params: {type: 0}}
""",
    )
    home("run")


def line_ends(home: Home) -> None:
    """CRLF, and CR alone, inside the cells of a CSV file that has CRLF itself."""
    home.write("teapots.csv", 'sku,text\r\nT-1,"a red\r\nteapot"\r\nT-2,"a blue\rteapot"\r\nT-3,"a green\nteapot"\r\n')
    home.write(
        "campaign.yaml",
        """\
mjpipe: 1
campaign: line-ends
inputs: {teapots: {csv: teapots.csv, key: sku}}
nodes:
  hero: {kind: generate, for_each: [teapots], params: {prompt: "{{ text }}, studio"}}
  warm: {kind: vary, from: hero, images: [0], params: {type: 1, remixPrompt: "{{ text }}"}}
""",
    )
    home("run")


def decomposed(home: Home) -> None:
    """Texts in NFD, as macOS writes them: in a cell, in the manifest, in a variable."""

    def nfd(text: str) -> str:
        return unicodedata.normalize("NFD", text)

    home.write("teapots.csv", nfd("sku,name\nT-1,théière bleue\nT-2,Kännchen\n"))
    home.write(
        "campaign.yaml",
        nfd(
            """\
mjpipe: 1
campaign: decomposed
vars: {place: café}
inputs: {teapots: {csv: teapots.csv, key: sku}}
nodes:
  hero: {kind: generate, for_each: [teapots], params: {prompt: "{{ name }}, {{ place }} à la crème"}}
  final: {kind: upscale, from: hero, images: [0], params: {type: 0}}
"""
        ),
    )
    home("run")


def urls_at_commas(home: Home) -> None:
    """Several URLs in one cell with commas between, which white space alone divides; and one URL that has a comma."""
    home.write(
        "teapots.csv",
        "sku,references\n"
        'T-1,"https://images.test/a.png,https://images.test/b.png"\n'
        'T-2,"https://images.test/a.png, https://images.test/b.png"\n'
        'T-3,"https://images.test/a,b.png"\n',
    )
    home.write(
        "campaign.yaml",
        """\
mjpipe: 1
campaign: urls
inputs: {teapots: {csv: teapots.csv, key: sku}}
nodes:
  hero:
    kind: generate
    for_each: [teapots]
    params: {mode: image-to-image, prompt: a teapot, image_urls: "{{ references }}"}
  styled: {kind: generate, for_each: [teapots], params: {prompt: a teapot, sref_urls: "{{ references }}"}}
  final: {kind: upscale, from: hero, images: [0], params: {type: 0}}
""",
    )
    home("run")


FIXTURES: dict[str, Callable[[Home], None]] = {
    **{f"example-{path.stem}": example(path.stem) for path in sorted(EXAMPLES.glob("*.yaml"))},
    "killed": killed,
    "in-doubt": in_doubt,
    "in-doubt-resolved": in_doubt_resolved,
    "changed": changed,
    "rerolled": rerolled,
    "versions": versions,
    "lists": lists,
    "line-ends": line_ends,
    "decomposed": decomposed,
    "urls-at-commas": urls_at_commas,
}


def main(target: Path, *names: str) -> None:
    target.mkdir(exist_ok=True)
    for name in names or FIXTURES:
        with TemporaryDirectory() as folder:
            home = Home(Path(folder) / "home")
            home.folder.mkdir()
            FIXTURES[name](home)
            pack(home.folder, target / f"{name}.tar.xz")
            expected = expectation(home, Path(folder) / "copy")
            text = json.dumps(expected.document(), indent=2) + "\n"
            (target / f"{name}.expected.json").write_text(text, "utf-8")
        print(f"{name}: {(target / f'{name}.tar.xz').stat().st_size:,} bytes")  # noqa: T201 - a script


def pack(folder: Path, archive: Path) -> None:
    def plain(member: tarfile.TarInfo) -> tarfile.TarInfo:
        member.uid = member.gid = 0
        member.uname = member.gname = ""
        return member

    with (
        lzma.open(archive, "wb", preset=9 | lzma.PRESET_EXTREME) as packed,
        tarfile.open(fileobj=packed, mode="w") as tar,
    ):
        for path in sorted(folder.iterdir()):
            tar.add(path, path.name, filter=plain)


def expectation(home: Home, copy: Path) -> Expectation:
    """Of copies: a look must not change what was packed."""
    shutil.copytree(home.folder, copy)
    looked_at = Home(copy, home.manifest, home.sandbox)
    before = seen(copy, json.loads(looked_at("plan", "--json")), json.loads(looked_at("status", "--json")))
    after: dict[str, Any] | None = None
    if home.sandbox:
        process = looked_at.start("run")
        process.communicate()
        after = seen(copy, json.loads(looked_at("plan", "--json")), json.loads(looked_at("status", "--json")))
        after["code"] = process.returncode
    return Expectation(manifest=home.manifest, sandbox=home.sandbox, before=before, after=after)


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
