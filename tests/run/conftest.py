"""What the tests of the run share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mjpipe.ledger import Ledger
from tests.run.campaign import Campaign, QuickClock
from tests.run.service import Service


@pytest.fixture
def campaign(tmp_path: Path) -> Iterator[Campaign]:
    clock = QuickClock()
    ledger = Ledger.open(tmp_path / "state" / "ledger.sqlite")
    yield Campaign(folder=tmp_path, ledger=ledger, service=Service(clock), clock=clock)
    ledger.close()


@pytest.fixture
def service(campaign: Campaign) -> Service:
    return campaign.service
