"""What the tests of the reports share."""

from collections.abc import Iterator

import pytest

from mjpipe.ledger import Ledger
from tests.report.campaign import Campaign


@pytest.fixture
def campaign() -> Iterator[Campaign]:
    ledger = Ledger.in_memory()
    yield Campaign(ledger)
    ledger.close()
