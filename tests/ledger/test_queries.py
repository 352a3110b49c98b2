"""Named queries: the `.sql` files beside the modules that ask them."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from mjpipe.ledger import Ledger
from mjpipe.ledger.database import queries

LEDGER = Path(__file__).parents[2] / "mjpipe" / "ledger"
FILES = sorted(path for path in LEDGER.rglob("*.sql") if path.with_suffix(".py").exists())


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.stem)
def test_a_module_knows_each_query_of_its_file_and_no_other(file: Path) -> None:
    module = file.with_suffix(".py").read_text("utf-8")
    named = set(queries(str(file)))
    assert set(re.findall(r'_SQL\["(\w+)"\]', module)) <= named
    assert named <= set(re.findall(r'"(\w+)"', module))


class Wrong(NamedTuple):
    number: int
    id: int


def test_rows_have_the_names_that_the_query_gives_its_columns(ledger: Ledger) -> None:
    with pytest.raises(AssertionError):
        ledger.connection.rows(Wrong, "SELECT id, number FROM attempts")
    assert [*ledger.connection.rows(Wrong, "SELECT 2 AS number, 1 AS id")] == [Wrong(number=2, id=1)]


def test_a_value_is_that_of_the_first_row_and_none_without_one(ledger: Ledger) -> None:
    assert ledger.connection.value("SELECT 7, 8 UNION SELECT 9, 9") == 7
    assert ledger.connection.value("SELECT id FROM jobs") is None
