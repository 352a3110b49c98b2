"""What the documents tell people to type is typed, and what they show is what comes.

In a `console` block, a line behind `$ ` is a command; the lines below it are what a terminal of 80 columns shows, with
`…` where lines are left out, and with what is typed at a question. `# exits with N` behind a command says so. The
commands of a document run in their order, in one empty folder, with a sandbox as the service.

After a change of what is printed: `make documents`; then read the diff.
"""

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from mjpipe.manifest import manifest_from
from mjpipe.sandbox import Settings, start_sandbox
from tests.cli.in_terminal import in_terminal
from tests.cli.program import EXAMPLES, PIXELS, ROOT
from tests.console_blocks import Command, commands, is_shown, with_lines

DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    *sorted((ROOT / "docs").glob("*.md")),
    EXAMPLES / "README.md",
]
YAML = re.compile(r"^```yaml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WHOLE = "mjpipe: 1\ncampaign: shown\n"
COVER = "nodes: {cover: {kind: generate, params: {prompt: a teapot}}}\n"
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
OTHER_YAML = ("diagnostics", "sandbox", "service")
"""What these show is wrong on purpose, or no manifest; it is tested where it belongs."""
NOT_RUN = ("export", "pip")
TARGETS = re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE)


def named(document: Path) -> str:
    return str(document.relative_to(ROOT))


def hurry(folder: Path) -> None:
    """Lets the campaigns that a document has made send as many requests a second as a test has patience for."""
    for manifest in folder.glob("*/campaign.yaml"):
        text = manifest.read_text("utf-8")
        if "requests_per_second" not in text:
            manifest.write_text(text.replace("\nlimits:\n", "\nlimits:\n  requests_per_second: 500\n"), "utf-8")


@dataclass(frozen=True, slots=True)
class Reader:
    """Types the commands of a document in a terminal."""

    folder: Path
    environment: Mapping[str, str]

    def printed(self, command: Command) -> tuple[str, ...]:
        """What the command prints; it ends as the document says."""
        match command.words:
            case ["mjpipe", *argv]:
                shown = in_terminal(argv, folder=self.folder, environment=self.environment, answers=command.answers)
                assert shown.code == command.code, (command.line, shown.code, shown.text)
                hurry(self.folder)
                return shown.lines
            case ["make", target]:
                assert target in TARGETS
            case ["cp" | "echo" | "rm" | "sed", *_]:
                subprocess.run(command.line, shell=True, cwd=self.folder, check=True)
            case [word, *_]:
                assert word in NOT_RUN
        return command.shown


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "examples").symlink_to(EXAMPLES.parent)  # a document's reader is in a checkout
    with start_sandbox(Settings(state=tmp_path / "sandbox-state", speed_up=200, pixels=PIXELS)) as service:
        settings = {"APIXO_BASE_URL": service.base_url, "APIXO_API_KEY": "a-key", "NO_COLOR": "1", "TERM": "xterm"}
        yield Reader(folder, {**os.environ, **settings})


@pytest.mark.parametrize("document", [path for path in DOCUMENTS if commands(path.read_text("utf-8"))], ids=named)
def test_each_command_of_a_document_does_what_the_document_shows(document: Path, reader: Reader) -> None:
    text = document.read_text("utf-8")
    printed = [reader.printed(command) for command in commands(text)]
    if "REWRITE" in os.environ:
        document.write_text(with_lines(text, printed), "utf-8")
        return
    for command, lines in zip(commands(text), printed, strict=True):
        assert is_shown(command.shown, lines), "\n".join([command.line, *lines])


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
