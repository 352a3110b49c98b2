"""What the documents tell people to type is typed, and what they show is what comes.

In a `console` block, a line behind `$ ` is a command; the lines below it are some of what it prints, in that order.
`# exits with N` behind a command says so. The commands of a document run in their order, in one empty folder, with a
sandbox as the service.
"""

import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from mjpipe.manifest import manifest_from
from mjpipe.sandbox import Settings, start_sandbox
from tests.cli.program import EXAMPLES, PIXELS, ROOT, Mjpipe

DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    EXAMPLES / "README.md",
]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WHOLE = "mjpipe: 1\ncampaign: shown\n"
COVER = "nodes: {cover: {kind: generate, params: {prompt: a teapot}}}\n"
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
OTHER_YAML = ("diagnostics", "sandbox", "service")
"""What these show is wrong on purpose, or no manifest; it is tested where it belongs."""
NOT_RUN = ("export", "pip")


@dataclass(frozen=True)
class Command:
    line: str
    shown: tuple[str, ...]

    @property
    def words(self) -> list[str]:
        return shlex.split(self.line, comments=True)

    @property
    def code(self) -> int:
        said = re.search(r"# exits with (\d+)", self.line)
        return int(said[1]) if said else 0


def commands(document: Path) -> list[Command]:
    found = []
    for block in BLOCK.findall(document.read_text("utf-8")):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            line, *shown = part.splitlines()
            found.append(Command(line, tuple(text for text in shown if text.strip())))
    return found


def named(document: Path) -> str:
    return str(document.relative_to(ROOT))


def hurry(folder: Path) -> None:
    """Lets the campaigns that a document has made send as many requests a second as a test has patience for."""
    for manifest in folder.glob("*/campaign.yaml"):
        text = manifest.read_text("utf-8")
        if "requests_per_second" not in text:
            manifest.write_text(text.replace("\nlimits:\n", "\nlimits:\n  requests_per_second: 500\n"), "utf-8")


@pytest.fixture
def mjpipe(tmp_path: Path) -> Iterator[Mjpipe]:
    folder = tmp_path / "here"
    folder.mkdir()
    with start_sandbox(Settings(state=tmp_path / "sandbox-state", speed_up=200, pixels=PIXELS)) as service:
        settings = {"APIXO_BASE_URL": service.base_url, "APIXO_API_KEY": "a-key", "NO_COLOR": "1", "COLUMNS": "100"}
        yield Mjpipe(folder, {**os.environ, **settings})


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if commands(path)], ids=named)
def test_each_command_of_a_document_does_what_the_document_shows(document: Path, mjpipe: Mjpipe) -> None:
    targets = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for command in commands(document):
        match command.words:
            case ["mjpipe", *argv]:
                done = mjpipe(*argv, code=command.code)
                hurry(mjpipe.folder)
                printed = iter(f"{done.stderr}\n{done.stdout}".splitlines())  # on a terminal the plan comes first
                missing = [line for line in command.shown if line not in printed]
                assert not missing, (command.line, done.stdout, done.stderr)
            case ["make", target]:
                assert target in targets
            case ["echo" | "rm", *_]:
                subprocess.run(command.line, shell=True, cwd=mjpipe.folder, check=True)
            case [word, *_]:
                assert word in NOT_RUN


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if path.stem not in OTHER_YAML], ids=named)
def test_each_manifest_that_a_document_shows_is_valid(document: Path, tmp_path: Path) -> None:
    for piece in YAML.findall(document.read_text("utf-8")):
        whole = piece if "mjpipe: 1\n" in piece else WHOLE + piece
        whole += "" if "nodes:\n" in whole else COVER
        assert manifest_from(whole, tmp_path / "campaign.yaml").diagnostics == ()


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_each_link_of_a_document_leads_to_a_file(document: Path) -> None:
    links = [link for link in LINK.findall(document.read_text("utf-8")) if "://" not in link]
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_index_leads_to_every_document() -> None:
    links = set(LINK.findall((ROOT / "docs" / "README.md").read_text("utf-8")))
    assert {path.name for path in (ROOT / "docs").glob("*.md")} - {"README.md"} <= links
