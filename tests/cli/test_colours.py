"""Colours where a terminal has them and nobody says otherwise; nothing moves or colours a terminal of kind `dumb`."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from mjpipe.cli.colours import coloured, has_colours
from tests.cli.program import Mjpipe

WRONG = "mjpipe: 1\ncampaign: birds\nnodes:\n  hero: {kind: generate, params: {promt: a heron}}\n"
RIGHT = WRONG.replace("promt", "prompt").replace("nodes:", "limits: {requests_per_second: 1000}\nnodes:")

BOLD, RED, BLUE, END = "\x1b[1m", "\x1b[31m", "\x1b[34m", "\x1b[0m"


def on_a_terminal(folder: Path, environment: Mapping[str, str], *argv: str) -> str:
    mine, its = pty.openpty()
    command = [sys.executable, "-m", "mjpipe", *argv]
    with subprocess.Popen(command, cwd=folder, env=environment, stdin=its, stdout=its, stderr=its):
        os.close(its)
        shown = b""
        try:
            while more := os.read(mine, 4096):
                shown += more
        except OSError:  # how a terminal says that the program has gone
            pass
    os.close(mine)
    return shown.decode().replace("\r\n", "\n")


@pytest.fixture
def terminal(environment: dict[str, str]) -> dict[str, str]:
    names = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE")
    return {**{name: value for name, value in environment.items() if name not in names}, "TERM": "xterm"}


def test_a_diagnostic_on_a_terminal_is_coloured_as_compilers_do(tmp_path: Path, terminal: dict[str, str]) -> None:
    (tmp_path / "m.yaml").write_text(WRONG)
    shown = on_a_terminal(tmp_path, terminal, "validate", "m.yaml")
    assert f"m.yaml:4:35: {RED}{BOLD}error[MJ012]{END}{BOLD}: node `hero` has no param `promt`{END}\n" in shown
    assert f"{BLUE}{BOLD}      |{END}{RED}{BOLD}                                   ^^^^^{END}\n" in shown
    assert f"{BOLD}   help:{END} did you mean `prompt`?\n" in shown
    assert shown.endswith(f"{RED}{BOLD}error{END}: 1 error in m.yaml\n")


@pytest.mark.parametrize("off", [{"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": ""}, {"CLICOLOR": "0"}])
def test_who_wants_no_colours_gets_none(tmp_path: Path, terminal: dict[str, str], off: dict[str, str]) -> None:
    (tmp_path / "m.yaml").write_text(WRONG)
    assert "\x1b" not in on_a_terminal(tmp_path, {**terminal, **off}, "validate", "m.yaml")


def test_a_run_on_a_dumb_terminal_moves_nothing(tmp_path: Path, terminal: dict[str, str]) -> None:
    (tmp_path / "m.yaml").write_text(RIGHT)
    shown = on_a_terminal(tmp_path, {**terminal, "TERM": "dumb"}, "run", "m.yaml", "--sandbox")
    assert "all done" in shown
    assert "\x1b" not in shown
    assert "\r" not in shown


def test_a_pipe_gets_colours_only_when_they_are_demanded(mjpipe: Mjpipe) -> None:
    (mjpipe.folder / "m.yaml").write_text(RIGHT)
    plain = {name: value for name, value in mjpipe.environment.items() if name != "NO_COLOR"}

    def said(**more: str) -> str:
        return Mjpipe(mjpipe.folder, {**plain, **more})("plan", "m.yaml").stdout.splitlines()[-1]

    assert "\x1b" not in said()
    assert said(FORCE_COLOR="1").startswith(f"{BOLD}Plan: ")
    assert said(CLICOLOR_FORCE="1").startswith(f"{BOLD}Plan: ")
    assert "\x1b" not in said(FORCE_COLOR="1", NO_COLOR="1")
    assert "\x1b" not in said(FORCE_COLOR="0")


def test_what_is_wrapped_is_marked_to_its_end() -> None:
    shown = coloured("m.yaml:4:5: error[MJ012]: no\n  param\n  400 | x\nnext: run\n  it\nmjpipe run m.yaml")
    assert shown == (
        f"m.yaml:4:5: {RED}{BOLD}error[MJ012]{END}{BOLD}: no\n  param{END}\n{BLUE}{BOLD}  400 |{END} x\n"
        f"{BOLD}next: run\n  it{END}\nmjpipe run m.yaml"
    )


def test_the_next_step_is_marked_and_a_document_is_not() -> None:
    assert coloured("next: run the campaign\nmjpipe run m.yaml") == (
        f"{BOLD}next: run the campaign{END}\nmjpipe run m.yaml"
    )
    document = '{\n  "what": "next: x",\nnext: y\n}'
    assert coloured(document) == document
    assert not has_colours(sys.stdout, {"NO_COLOR": "1", "FORCE_COLOR": "1"})
