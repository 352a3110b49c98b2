"""`--help` is whole: nobody has to guess what an option is for."""

import os
from pathlib import Path

import pytest
from click import Context, Option

from mjpipe.cli.main import COMMANDS, program
from tests.cli.in_terminal import COLUMNS, in_terminal


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_says_what_it_is_for(name: str) -> None:
    command = program.get_command(Context(program), name)
    assert command is not None
    assert [param.name for param in command.params if isinstance(param, Option) and not param.help] == []


@pytest.mark.parametrize("argv", [["--help"], *([name, "--help"] for name in COMMANDS)])
def test_help_fits_a_terminal_and_what_can_be_typed_stands_on_one_line(argv: list[str], tmp_path: Path) -> None:
    shown = in_terminal(argv, folder=tmp_path, environment=os.environ)
    assert [line for line in shown.lines if len(line) > COLUMNS] == []
    typed = {"--help": "mjpipe run teapots/campaign.yaml --sandbox", "run": "--select 'hero,\"name=a pot, large\"'"}
    assert typed.get(argv[0], "") in shown.text
