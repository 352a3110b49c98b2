"""A sandbox in which the task that the page's examples follow is there."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.sandbox.door import Door, sandbox
from tests.service.posting import PREVIOUS


@pytest.fixture
def door(tmp_path: Path) -> Iterator[Door]:
    def world(request: httpx.Request) -> httpx.Response:
        raise AssertionError(f"the sandbox asked for {request.url}")

    with sandbox(tmp_path, task_ids=[PREVIOUS], transport=httpx.MockTransport(world)) as opened:
        assert opened.made(mode="text-to-image", prompt="a teapot", speed="draft", version="7") == PREVIOUS
        yield opened


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
