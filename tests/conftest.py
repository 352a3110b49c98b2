"""What all tests share."""

import os

from hypothesis import HealthCheck, settings

# How long an example takes says something about the machine, and nothing about the property. In CI the examples are
# the same each time, so that what fails there fails because of the change; at a desk they are others each time.
settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("any machine")
