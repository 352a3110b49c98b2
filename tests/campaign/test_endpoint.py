"""The service that the environment names, as a run finds it before it plans, asks or spends anything."""

from pathlib import Path

import pytest

from mjpipe.campaign.endpoint import Endpoint, endpoint_from_environment
from mjpipe.domain import UsageFault
from tests.cli.in_process import InProcess

MANIFEST = """
mjpipe: 1
campaign: birds
nodes:
  hero: {kind: generate, params: {prompt: "a heron"}}
"""


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("APIXO_API_KEY", "sk-secret")
    return monkeypatch


def test_a_state_is_tied_to_the_host_however_its_address_is_written(environment: pytest.MonkeyPatch) -> None:
    for address in ("https://api.apixo.ai/api/v1", "https://API.apixo.ai:443/api/v1/", "https://api.apixo.ai", ""):
        environment.setenv("APIXO_BASE_URL", address)
        expected = Endpoint(base_url="https://api.apixo.ai/api/v1", key="sk-secret", host="api.apixo.ai")
        assert endpoint_from_environment() == expected


@pytest.mark.parametrize("key", ["", " ", "sk secret", "sk-secrét"])
def test_a_key_that_cannot_be_sent_is_reported_before_anything_else(environment: pytest.MonkeyPatch, key: str) -> None:
    environment.setenv("APIXO_API_KEY", key)
    with pytest.raises(UsageFault, match="API key"):
        endpoint_from_environment()


@pytest.mark.parametrize(
    ("address", "reported"),
    [
        ("https://[::1", "the base URL `https://[::1` cannot be used"),
        ("https://me:secret@api.apixo.ai/api/v1", "the base URL holds a user name or password"),
        ("http://api.apixo.ai/api/v1", "only https is safe for the key"),
        ("https://api.apixo.ai:99999", "99999 is not a port"),
    ],
)
def test_an_address_that_cannot_be_used_ends_a_run_before_its_plan(tmp_path: Path, address: str, reported: str) -> None:
    manifest = tmp_path / "campaign.yaml"
    manifest.write_text(MANIFEST)
    mjpipe = InProcess({"APIXO_BASE_URL": address, "APIXO_API_KEY": "a-key", "NO_COLOR": "1"})
    said = mjpipe("run", manifest, "--yes", code=2)
    assert reported in said.err
    assert "secret" not in said.err
    assert "Plan:" not in said.err


@pytest.mark.parametrize(
    ("variable", "value", "reported"),
    [
        ("SSL_CERT_FILE", "gone.pem", "the certificates in `gone.pem` (SSL_CERT_FILE) cannot be read"),
        ("HTTPS_PROXY", "socks5://me:secret@proxy.example", "a socks5 proxy is not supported"),
    ],
)
def test_a_way_to_the_service_that_cannot_be_used_ends_a_run_before_its_plan(
    tmp_path: Path, variable: str, value: str, reported: str
) -> None:
    manifest = tmp_path / "campaign.yaml"
    manifest.write_text(MANIFEST)
    said = InProcess({variable: value, "APIXO_API_KEY": "a-key", "NO_COLOR": "1"})("run", manifest, "--yes", code=2)
    assert reported in said.err
    assert "secret" not in said.err
    assert "Plan:" not in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["campaign.yaml"]
