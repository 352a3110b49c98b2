"""Problems of a param's value, in the same words whether it stands in the manifest or in a row's cell."""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from mjpipe.contract import (
    FLAG_FIELDS,
    FLAGS_WITHOUT_FIELD,
    PROMPT_BYTES,
    PROMPT_CHARACTERS,
    Field,
    Speed,
    executed_speed,
)
from mjpipe.manifest.names_in_messages import nearest, quoted, short

_TAKEN_FOR: dict[str, str] = {speed: executed_speed(speed) for speed in Speed if executed_speed(speed) is not speed}
_RATIO = re.compile(r"([0-9]{1,2})\s*[:x\u00d7/\u2236]\s*([0-9]{1,2})(?::00)?(?: [AP]M)?", re.IGNORECASE)
"""A ratio as people write it, and the time `16:09` that a spreadsheet makes of 16:9."""

STYLE_CODE_HELP = "the service has no field for style codes: give the `https://` URL of a picture in that style"
_STYLE_CODE = re.compile(r"(?:[0-9]+(?:::[0-9.]+)?|random)", re.IGNORECASE)
"""`--sref` of Midjourney takes these, too."""

_WITHOUT_SCHEME = re.compile(
    r"//[\w-]+\.|(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:com|net|org|io|de|co\.uk|eu|shop)/", re.IGNORECASE
)
"""Shops' exports leave out `https:` at times."""

_JOINED = re.compile(r"(?P<sign>[;|])https?://", re.IGNORECASE)

_FLAG = re.compile(r"(?<!\S)--(?P<name>[A-Za-z]+)|--+")


class Problem(NamedTuple):
    message: str
    help: str


def option_problem(field: Field, value: object) -> Problem | None:
    """The problem of a value that is not one of the field's options."""
    options = [str(option) for option in field.options]
    if not options or str(value) in options:
        return None
    return Problem(f"`{field.name}` cannot be `{value}`", option_help(str(value), options))


def option_help(written: str, options: Sequence[str]) -> str:
    """What to write instead of a value that is not one of the options: the one that was probably meant, else all. An
    option that only gets a warning is never named: what it is taken for is.
    """
    ratio = _RATIO.fullmatch(written)
    if ratio and (meant := f"{int(ratio[1])}:{int(ratio[2])}") in options:
        return f"did you mean `{meant}`?"
    near = nearest(written, [option for option in options if option[:1].isalpha()])
    if near is None:
        return f"it is one of {quoted(option for option in options if option not in _TAKEN_FOR)}"
    if near in _TAKEN_FOR:
        return f"use `{_TAKEN_FOR[near]}`: `{near}` runs and is billed as `{_TAKEN_FOR[near]}`"
    return f"did you mean `{near}`?"


def range_problem(field: Field, value: float | str) -> Problem | None:
    """The problem of a number outside the usual range: unusual, not wrong."""
    if field.usual is None or field.usual[0] <= float(value) <= field.usual[1]:
        return None
    least, most = field.usual
    return Problem(
        f"`{field.name}` is usually {least:g} to {most:g}, and here it is {value}",
        "the service may refuse it, or move it into that range",
    )


RELAXED_PROBLEM = Problem("`relaxed` runs and is billed as `fast`", "use `fast`")


def length_problem(prompt: str) -> Problem | None:
    if len(prompt) > PROMPT_CHARACTERS:
        return Problem(f"the prompt is longer than {PROMPT_CHARACTERS} characters", f"it has {len(prompt)}")
    # No character takes more than 4 bytes, so few prompts have to be encoded.
    if 4 * len(prompt) > PROMPT_BYTES and (size := len(prompt.encode("utf-8", "replace"))) > PROMPT_BYTES:
        return Problem(f"the prompt is longer than {PROMPT_BYTES} bytes", f"it has {size}")
    return None


def flag_problems(name: str, text: str, fields: Collection[str]) -> Iterator[tuple[int, int, Problem]]:
    """For each `--` in the text of the param `name`: where the flag begins, how long it is, and the problem.

    Help names the one of `fields` that replaces the flag.
    """
    for flag in _FLAG.finditer(text):
        field = FLAG_FIELDS.get((flag["name"] or "").lower())
        if field in fields:
            help_text = f"use `{field}` in `params` instead"
        elif (flag["name"] or "").lower() in FLAGS_WITHOUT_FIELD:
            help_text = "remove it: the service has no field for it"
        elif flag["name"]:
            help_text = "remove it: flags do not reach the model"
        else:
            help_text = "write a single dash, or a comma"
        message = f"`{flag[0]}` in `{name}`: the service drops everything from there on"
        yield flag.start(), len(flag[0]), Problem(message, help_text)


def url_problem(url: str) -> Problem | None:
    """The problem of a URL that the service cannot fetch."""
    if _is_web_address(url):
        if joined := _JOINED.search(url):
            message = f"`{joined['sign']}` stands between two URLs, which would be sent as one"
            written = f"%{ord(joined['sign']):02X}"
            return Problem(message, f"write a comma between them; `{written}` if the sign is part of one URL")
        return None
    help_text = "put the picture on a public server, and give its `https://` URL"
    if _STYLE_CODE.fullmatch(url):
        return Problem(f"`{short(url)}` is a style code, not a URL", STYLE_CODE_HELP)
    if _WITHOUT_SCHEME.match(url):
        return Problem(f"`{short(url)}` has no `https://`", f"write `https://{short(url.lstrip('/'))}`")
    what = "not a URL that the service can fetch" if ":" in url[2:] else "a file on this machine, not a URL"
    return Problem(f"`{short(url)}` is {what}", help_text)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable()
