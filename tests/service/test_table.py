"""What the table of rules names is there: what holds a rule, and the test that shows it."""

import re
from importlib import import_module
from operator import attrgetter

import pytest

from tests.cli.program import ROOT

TEXT = (ROOT / "docs" / "service.md").read_text("utf-8")
ROWS = re.findall(r"^\| (.+) \| `(\S+)\.py::(\S+)` \| `(\S+\.py)::(test_\w+)` \|$", TEXT, re.MULTILINE)


def test_every_row_names_a_holder_and_a_test() -> None:
    rules = TEXT.partition("## Where the page is silent")[0]
    lines = [line for line in rules.splitlines() if line.startswith("| ") and not line.startswith("| rule |")]
    assert len(lines) == len(ROWS)
    assert len({rule for rule, *_ in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("module", "name", "file", "test"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_holds_a_rule_and_its_test_exist(module: str, name: str, file: str, test: str) -> None:
    attrgetter(name)(import_module(f"mjpipe.{module.replace('/', '.')}"))  # raises when it is not there
    assert re.search(rf"^(async )?def {test}\(", (ROOT / "tests" / file).read_text("utf-8"), re.MULTILINE)
