import pytest

from mjpipe.manifest import Problem, flag_problems, url_problem

PUBLIC = "put the picture on a public server, and give its `https://` URL"


@pytest.mark.parametrize("url", ["https://a.example/1.png", "http://a.example", "https://[::1]:8/1"])
def test_a_public_address_is_fine(url: str) -> None:
    assert url_problem(url) is None


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("pots/a.png", "`pots/a.png` is a file on this machine, not a URL"),
        ("C:\\a.png", "`C:\\a.png` is a file on this machine, not a URL"),
        ("ftp://a.example/1", "`ftp://a.example/1` is not a URL that the service can fetch"),
        ("https://", "`https://` is not a URL that the service can fetch"),
        ("https://[", "`https://[` is not a URL that the service can fetch"),
        ("https://a.example/\u200b", "`https://a.example/\u200b` is not a URL that the service can fetch"),
    ],
)
def test_what_the_service_cannot_fetch_is_reported(url: str, said: str) -> None:
    assert url_problem(url) == Problem(said, PUBLIC)


@pytest.mark.parametrize("sign", [";", "|"])
def test_two_addresses_in_one_are_reported(sign: str) -> None:
    problem = url_problem(f"https://a.example/1;v=2|3,4.png{sign}HTTPS://a.example/2.png")
    assert problem is not None
    assert problem.message == f"`{sign}` stands between two URLs, which would be sent as one"
    assert problem.help == f"write a comma between them; `%{ord(sign):02X}` if the sign is part of one URL"
    assert url_problem("https://a.example/1;v=2|3,4.png?of=https://a.example/2.png") is None


@pytest.mark.parametrize(
    ("text", "flag", "mends"),
    [
        ("a cat --AR 16:9", "--AR", "use `aspect_ratio` in `params` instead"),
        ("a cat --iw 2", "--iw", "remove it: flags do not reach the model"),
        ("a cat--iw 2", "--", "write a single dash, or a comma"),
        ("a cat ---ar", "---", "write a single dash, or a comma"),
    ],
)
def test_a_flag_is_reported_with_what_says_the_same(text: str, flag: str, mends: str) -> None:
    said = f"`{flag}` in `prompt`: the service drops everything from there on"
    problem = (text.index("--"), len(flag), Problem(said, mends))
    assert list(flag_problems("prompt", text, {"prompt", "aspect_ratio"})) == [problem]
