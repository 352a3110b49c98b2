"""The speeds of the service (seed page, Speeds)."""

from enum import StrEnum


class Speed(StrEnum):
    FAST = "fast"
    TURBO = "turbo"
    DRAFT = "draft"
    RELAXED = "relaxed"
    """still accepted, executed and billed as fast"""


DEFAULT_SPEED = Speed.FAST
"""What mjpipe sends when the user gives no speed: the page documents no default, and the price depends on it."""


def executed_speed(speed: Speed) -> Speed:
    """The speed at which the service works and bills (seed page, Speeds)."""
    return Speed.FAST if speed is Speed.RELAXED else speed
