import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.apixo import access
from mjpipe.apixo.access import ApiKey, checked_base_url
from mjpipe.apixo.http import Client
from mjpipe.domain import UsageFault


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://api.apixo.ai/api/v1", "https://api.apixo.ai/api/v1"),
        ("https://api.apixo.ai/api/v1/", "https://api.apixo.ai/api/v1"),
        ("https://proxy.example:8443/x", "https://proxy.example:8443/x"),
        ("https://api.apixo.ai", "https://api.apixo.ai/api/v1"),
        ("https://api.apixo.ai/", "https://api.apixo.ai/api/v1"),
        ("https://proxy.example:65535", "https://proxy.example:65535/api/v1"),
        ("https://b\u00fccher.example", "https://xn--bcher-kva.example/api/v1"),
        ("http://127.0.0.1:8000/api/v1", "http://127.0.0.1:8000/api/v1"),
        ("http://127.8.9.1:8000", "http://127.8.9.1:8000/api/v1"),
        ("http://[::1]:8000", "http://[::1]:8000/api/v1"),
        ("http://localhost:8000/x/", "http://localhost:8000/x"),
    ],
)
def test_https_is_good_and_so_is_http_on_loopback_and_the_documented_path_is_added_where_there_is_none(
    text: str, url: str
) -> None:
    assert checked_base_url(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "api.apixo.ai/api/v1",
        "http://api.apixo.ai/api/v1",
        "http://localhost.example/api/v1",
        "http://127.0.0.1.example/api/v1",
        "http://10.0.0.1/api/v1",
        "http://0.0.0.0/api/v1",
        "ftp://api.apixo.ai",
        "file:///etc/passwd",
        "https://",
        "https:///api/v1",
        "https://api.apixo.ai/api/v1?x=1",
        "https://api.apixo.ai/api/v1#x",
        "https://user:secret@api.apixo.ai/api/v1",
        "https://user:secret@[::1",
        "https://user:secret/secret@api.apixo.ai",
        "https://api.apixo.ai/api/v1?key=secret",
        "ftp://api.apixo.ai#secret",
        "https://[::1",
        "https://api.apixo.ai:port/",
        "https://api.apixo.ai\\api\\v1",
        "https:\\\\api.apixo.ai",
        "https://api.apixo.ai:0/",
        "https://api.apixo.ai:65536/",
        "https://api.apixo.ai:-1/",
        "https://api..apixo.ai/",
        f"https://{'a' * 64}.apixo.ai/",
        "https://xn--/",
        "https://api.apixo.ai/\x00",
    ],
)
def test_any_other_base_url_is_refused_before_the_key_could_travel(text: str) -> None:
    with pytest.raises(UsageFault) as fault:
        Client(base_url=text, api_key="sk-secret")
    assert fault.value.help
    assert "secret" not in str(fault.value)


def test_a_base_url_that_cannot_be_used_is_reported_with_its_reason() -> None:
    with pytest.raises(UsageFault) as fault:
        checked_base_url("http://api.apixo.ai/api/v1")
    assert (str(fault.value), fault.value.help) == (
        "the base URL `http://api.apixo.ai/api/v1` cannot be used: only https is safe for the key (http on loopback)",
        "set APIXO_BASE_URL=https://api.apixo.ai/api/v1, or leave it out",
    )


def test_a_port_that_is_none_is_reported() -> None:
    with pytest.raises(UsageFault, match="cannot be used: 99999 is not a port: ports go from 1 to 65535"):
        checked_base_url("https://api.apixo.ai:99999/api/v1")


@pytest.mark.parametrize("text", ["sk secret", "sk-secret\n", "sk-secret\r\nX: y", "sk-secrét", " "])
def test_a_key_that_no_header_can_carry_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(UsageFault) as fault:
        Client(api_key=text)
    assert str(fault.value) == "the API key holds white space or characters that no header can carry"


def test_an_empty_key_is_refused() -> None:
    with pytest.raises(UsageFault, match="the API key is empty"):
        Client(api_key="")


def test_a_key_shows_itself_in_its_header_alone() -> None:
    key = ApiKey("sk-secret")
    assert (repr(key), str(key), key.header) == ("ApiKey(...)", "ApiKey(...)", "Bearer sk-secret")
    assert key.hidden_in("you sent sk-secret!") == "you sent [key]!"


PLAIN = st.from_regex(access._PLAIN, fullmatch=True)


@given(PLAIN)
def test_an_address_that_is_taken_as_it_is_is_as_a_parser_would_give_it(address: str) -> None:
    parsed = checked_base_url(f"{address}/") if address.endswith("/api/v1") else checked_base_url(f"{address}/api/v1/")
    assert checked_base_url(address) == parsed
    assert str(httpx.URL(parsed)) == parsed
