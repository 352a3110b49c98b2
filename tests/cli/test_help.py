"""`--help` is whole: nobody has to guess what an option is for."""

import pytest
from click import Context, Option

from mjpipe.cli.main import COMMANDS, program


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_says_what_it_is_for(name: str) -> None:
    command = program.get_command(Context(program), name)
    assert command is not None
    assert [param.name for param in command.params if isinstance(param, Option) and not param.help] == []
