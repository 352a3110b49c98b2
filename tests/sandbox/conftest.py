"""What the tests of the sandbox share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.door import Door, sandbox


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    with sandbox(tmp_path) as opened:
        yield opened
