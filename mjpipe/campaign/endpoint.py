"""Where a campaign runs: the service that the environment names, or the sandbox inside the run."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from mjpipe.contract import DEFAULT_BASE_URL
from mjpipe.domain import UsageFault
from mjpipe.ledger import SANDBOX_HOST

SANDBOX_SPEED_UP = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The campaign's state belongs to `host`. The sandbox's port changes, so its host is a fixed word."""

    base_url: str
    key: str = field(repr=False)
    host: str


def endpoint_from_environment() -> Endpoint:
    """The service at APIXO_BASE_URL, or at the documented address, with APIXO_API_KEY.

    Raises UsageFault without a key, and for an address, key, proxy or certificates that a run could not use. Sends
    nothing.
    """
    from mjpipe.apixo import ApiKey, check_environment, checked_base_url  # noqa: PLC0415 - a plan needs no client

    base_url = checked_base_url(os.environ.get("APIXO_BASE_URL") or DEFAULT_BASE_URL)
    key = os.environ.get("APIXO_API_KEY", "").strip()
    if not key:
        raise UsageFault(
            "there is no API key", help="export APIXO_API_KEY=..., or try the campaign for free with --sandbox"
        )
    ApiKey(key)  # refuses one that no header can carry
    check_environment(base_url)
    return Endpoint(base_url=base_url, key=key, host=urlsplit(base_url).netloc)


def host_of_run(*, sandbox: bool) -> str:
    """The host that a run would go to, as the state is tied to it; the address is not checked."""
    if sandbox:
        return SANDBOX_HOST
    return urlsplit(os.environ.get("APIXO_BASE_URL") or DEFAULT_BASE_URL).netloc


@contextmanager
def sandbox_endpoint(state: Path) -> Iterator[Endpoint]:
    """A sandbox inside this process, on a free loopback port, until the block ends."""
    from mjpipe.sandbox import Settings, start_sandbox  # noqa: PLC0415 - heavy, and only for sandbox runs

    with start_sandbox(Settings(state=state, speed_up=SANDBOX_SPEED_UP)) as running:
        yield Endpoint(base_url=running.base_url, key="sandbox", host=SANDBOX_HOST)
