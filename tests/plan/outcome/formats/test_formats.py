"""The registry of formats is what the options of `plan` go by."""

import pkgutil

from click.testing import CliRunner

from mjpipe.cli.commands import plan as plan_command
from mjpipe.plan import PLAN_FORMATS
from mjpipe.plan.outcome import formats as package


def test_each_module_of_a_format_is_registered() -> None:
    modules = {module.name.removeprefix("plan_") for module in pkgutil.iter_modules(package.__path__)}
    assert modules - {"format", "cells", "text"} == set(PLAN_FORMATS)


def test_each_format_is_an_option_with_its_words() -> None:
    said = CliRunner(env={"COLUMNS": "200"}).invoke(plan_command.command, ["--help"]).output
    for name, form in PLAN_FORMATS.items():
        (line,) = [line for line in said.splitlines() if line.strip().startswith(f"--{name} ")]
        assert line.endswith(form.help)
