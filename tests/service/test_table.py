"""The table of rules names modules and tests that exist."""

import re

import pytest

from tests.cli.program import ROOT

TEXT = (ROOT / "docs" / "service.md").read_text("utf-8")
ROWS = re.findall(r"^\| (.+) \| `(\S+\.py)` \| `(\S+\.py)::(test_\w+)` \|$", TEXT, re.MULTILINE)


def test_every_row_names_a_module_and_a_test() -> None:
    rules = TEXT.partition("## Where the page is silent")[0]
    lines = [line for line in rules.splitlines() if line.startswith("| ") and not line.startswith("| rule |")]
    assert len(lines) == len(ROWS)
    assert len({rule for rule, *_ in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("module", "file", "test"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_the_module_and_the_test_of_a_rule_exist(module: str, file: str, test: str) -> None:
    assert (ROOT / "mjpipe" / module).is_file()
    assert re.search(rf"^(async )?def {test}\(", (ROOT / "tests" / file).read_text("utf-8"), re.MULTILINE)
