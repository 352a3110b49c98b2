"""What the tests of plans share."""

from functools import partial
from pathlib import Path

import pytest

from tests.plan.planning import Plan, plan_in


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    return partial(plan_in, tmp_path)
