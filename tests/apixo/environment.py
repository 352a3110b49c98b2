"""An environment that names proxies and certificates as a test wants them, and no others."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")
CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR")


@contextmanager
def environment(monkeypatch: pytest.MonkeyPatch, **variables: str) -> Iterator[None]:
    with monkeypatch.context() as patch:
        for name in (*NAMES, *map(str.upper, NAMES), *CERTIFICATES):
            patch.delenv(name, raising=False)
        for name, value in variables.items():
            patch.setenv(name, value)
        yield
