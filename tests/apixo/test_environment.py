"""What the environment says about the way to the service is checked before a run, not by requests that fail."""

import ssl
from pathlib import Path

import pytest

from mjpipe.apixo import check_environment
from mjpipe.apixo.environment import environment_proxy, trusted_authorities
from mjpipe.apixo.http import Client
from mjpipe.domain import UsageFault
from tests.apixo.environment import environment

SERVICE = "https://api.example/v1"


def said(base_url: str = SERVICE) -> tuple[str, str | None]:
    with pytest.raises(UsageFault) as fault:
        check_environment(base_url)
    return str(fault.value), fault.value.help


def test_the_environment_names_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    service = ("https", "api.example")
    with environment(monkeypatch):
        assert environment_proxy(*service) is None
    with environment(monkeypatch, HTTPS_PROXY="proxy.example:3128"):
        assert environment_proxy(*service) == "http://proxy.example:3128"
    with environment(monkeypatch, all_proxy="http://user:word@proxy.example:3128"):
        assert environment_proxy(*service) == "http://user:word@proxy.example:3128"
    with environment(monkeypatch, https_proxy="http://proxy.example", no_proxy=".example"):
        assert environment_proxy(*service) is None


@pytest.mark.parametrize(
    ("proxy", "wrong"),
    [
        ("socks5://me:secret@proxy.example", "a socks5 proxy is not supported"),
        ("http://me:secret@proxy.example:31280", None),
        ("http://me:secret@proxy.example:312800", "312800 is not a port"),
        ("http://me:secret@proxy.example:port", "its address cannot be read"),
        ("http://me:secret@", "its address names no host"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_reported_without_its_password(
    proxy: str, wrong: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with environment(monkeypatch, https_proxy=proxy):
        if wrong is None:
            check_environment(SERVICE)
        else:
            assert said() == (
                f"the proxy that the environment names for `api.example` cannot be used: {wrong}",
                "export HTTPS_PROXY=http://HOST:PORT, or NO_PROXY=api.example to go without",
            )


def test_certificates_are_those_of_the_environment_or_of_certifi(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with environment(monkeypatch):
        usual = trusted_authorities()
        assert usual.cert_store_stats()["x509_ca"] > 0
        assert trusted_authorities() is usual
    with environment(monkeypatch, SSL_CERT_DIR=str(tmp_path)):
        assert trusted_authorities().cert_store_stats()["x509_ca"] == 0
    first = next(iter(usual.get_ca_certs(binary_form=True)))
    (tmp_path / "own.pem").write_text(ssl.DER_cert_to_PEM_cert(first))
    with environment(monkeypatch, SSL_CERT_FILE=str(tmp_path / "own.pem")):
        assert trusted_authorities().cert_store_stats()["x509_ca"] == 1


def test_certificates_that_cannot_be_read_are_reported_before_anything_is_sent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "empty.pem").touch()
    for variable, name, wrong in (
        ("SSL_CERT_FILE", "gone.pem", "no such file or directory"),
        ("SSL_CERT_FILE", "empty.pem", "it holds no certificate in PEM form"),
        ("SSL_CERT_FILE", ".", "is a directory"),
        ("SSL_CERT_DIR", "gone", "it is not a folder"),
    ):
        path = str(tmp_path / name)
        with environment(monkeypatch, **{variable: path}):
            assert said() == (
                f"the certificates in `{path}` ({variable}) cannot be read: {wrong}",
                f"unset {variable}, or name a readable file or folder",
            )
            with pytest.raises(UsageFault, match="certificates"):
                Client(base_url=SERVICE, api_key="any")


def test_loopback_needs_neither_proxy_nor_certificates(monkeypatch: pytest.MonkeyPatch) -> None:
    with environment(monkeypatch, http_proxy="socks5://proxy.example", SSL_CERT_FILE="gone.pem"):
        check_environment("http://127.0.0.1:8000/api/v1")
