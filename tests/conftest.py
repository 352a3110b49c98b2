"""What all tests share."""

import os
import sys

import pytest
from hypothesis import HealthCheck, settings

# The tests start the program hundreds of times. Without compiled modules on disk each of these processes would compile
# it and all that it imports again, which takes longer than most of what they do.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes says something about the machine, and nothing about the property. In CI the examples are
# the same each time, so that what fails there fails because of the change; at a desk they are others each time.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("any machine")


def pytest_xdist_auto_num_workers() -> int:
    """Twice the cores: about half of a test's time is waiting, for a process, a disk or a sandbox."""
    return 2 * (os.cpu_count() or 1)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest begin first, so that no worker is left alone with one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("crash") is None)
