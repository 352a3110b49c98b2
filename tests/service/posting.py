"""Submissions that are sent by hand, as any client might."""

import json

import httpx

from mjpipe.domain import Json
from tests.sandbox.door import Door

PREVIOUS = "task_previous_midjourney"
"""The task that the page's follow-ups name."""


def posted(door: Door, body: Json) -> httpx.Response:
    return door.post(
        "/api/v1/generateTask/midjourney",
        content=json.dumps(body),
        headers={"Content-Type": "application/json"},
    )
