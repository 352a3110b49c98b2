"""Text from outside made safe to print: nothing in it controls a terminal, breaks a line or changes direction."""

import re
from typing import Any

LONGEST = 600
"""Characters: enough to see what was said, short enough for a ledger."""

_UNSAFE_SET = (
    r"\x00-\x1f\x7f-\x9f"  # control characters
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # changes of the direction of text
    r"\u2028\u2029"  # line breaks that few programs know
    r"\xad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # invisible
    r"\ud800-\udfff"  # lone surrogates
)
"""Characters that are unsafe to print; not ZWNJ and ZWJ (U+200C, U+200D), which scripts and emoji need."""

_GAP = re.compile(f"[ {_UNSAFE_SET}]+")
_UNSAFE = re.compile(f"[{_UNSAFE_SET}]")
_UNSAFE_IN_LINES = re.compile(rf"(?![\n\t])[{_UNSAFE_SET}]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]|~#!@])")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def one_line(text: str, longest: int = LONGEST) -> str:
    """`text` on one line of at most `longest` characters: runs of unsafe characters and spaces become one."""
    line = _GAP.sub(" ", text).strip()
    return line if len(line) <= longest else line[: longest - 1] + "…"


def printable(text: str) -> str:
    """`text` with a `�` for each unsafe character, so that all others keep their places."""
    return text if text.isprintable() else _UNSAFE.sub("�", text)  # quick: no unsafe character counts as printable


def printable_lines(text: str) -> str:
    """The same for a text of several lines; tabs and line breaks stay."""
    return _UNSAFE_IN_LINES.sub("�", text)


def json_text(value: Any, *, indent: int | None = None) -> str:
    r"""JSON of exactly this value that is safe to print: unsafe characters are escaped, as in `\u202e`."""
    import json  # noqa: PLC0415 - every command imports this module, and few write JSON

    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text if text.isprintable() else _UNSAFE_IN_LINES.sub(_escaped, text)


def escaped(text: str) -> str:
    r"""`text` with unsafe characters escaped as in JSON: `\u202e`. Not meant to be read back."""
    return _UNSAFE.sub(_escaped, text)


def markdown_text(text: str) -> str:
    """Markdown that shows `text` as it is, on one line; works in the cell of a table too."""
    return _MARKDOWN.sub(r"\\\1", one_line(text).translate(_HTML))


def markdown_code(text: str) -> str:
    """The same as inline code; the text's own backticks are dropped."""
    return f"`{one_line(text).replace('`', '').replace('|', chr(92) + '|') or ' '}`"


def json_escapes(text: str) -> str:
    r"""Every character of `text` as a JSON escape: `\u202e`."""
    units = text.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _escaped(found: re.Match[str]) -> str:
    return json_escapes(found[0])
