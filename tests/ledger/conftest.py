"""What the tests of the ledger share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mjpipe.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    opened = Ledger.open(tmp_path / "ledger.sqlite")
    yield opened
    opened.close()
