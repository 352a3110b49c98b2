"""The tests of the client run on asyncio, as the client does."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
