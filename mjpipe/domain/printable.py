"""Foreign text made fit to be read: without the characters that could steer a terminal, break a line, or turn it."""

import re
from typing import Any

LONGEST = 600
"""Characters: enough to see what was said, short enough for a ledger."""

_STEERING = (
    r"\x00-\x1f\x7f-\x9f"  # control characters
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # what turns the direction of the text that follows
    r"\u2028\u2029"  # line breaks that few programs break a line at
    r"\xad\u180e\u200b\u2060-\u2065\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f"  # what nobody sees
    r"\ud800-\udfff"  # halves of characters
)
"""ZWNJ and ZWJ (U+200C, U+200D) are not among them: scripts and emoji need them, and all that they do is join."""

_GAP = re.compile(f"[ {_STEERING}]+")
_UNFIT = re.compile(f"[{_STEERING}]")
_UNFIT_IN_LINES = re.compile(rf"(?![\n\t])[{_STEERING}]")
_MARKDOWN = re.compile(r"([\\`*_{}\[\]|~#!@])")
_HTML = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def one_line(text: str, longest: int = LONGEST) -> str:
    """`text` with a space for what is unfit and the spaces around it, cut to at most `longest` characters."""
    line = _GAP.sub(" ", text).strip()
    return line if len(line) <= longest else line[: longest - 1] + "…"


def printable(text: str) -> str:
    """`text` with a `�` for each character that is unfit, so that all others keep their places."""
    return text if text.isprintable() else _UNFIT.sub("�", text)  # the quick way: what is unfit is not printable


def printable_lines(text: str) -> str:
    """The same for a text of several lines, which it keeps."""
    return _UNFIT_IN_LINES.sub("�", text)


def json_text(value: Any, *, indent: int | None = None) -> str:
    r"""JSON that says exactly what `value` is and is fit to be read: what is unfit is escaped, as in `\u202e`."""
    import json  # noqa: PLC0415 - every command imports this module, and few write JSON

    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return text if text.isprintable() else _UNFIT_IN_LINES.sub(_escaped, text)


def escaped(text: str) -> str:
    r"""`text` with what is unfit written out as JSON does it: `\u202e`. Not made to be read back."""
    return _UNFIT.sub(_escaped, text)


def markdown_text(text: str) -> str:
    """`text` as it shows in Markdown as it is, on one line, in a cell of a table as well."""
    return _MARKDOWN.sub(r"\\\1", one_line(text).translate(_HTML))


def markdown_code(text: str) -> str:
    """The same as code, without the backticks that it has itself."""
    return f"`{one_line(text).replace('`', '').replace('|', chr(92) + '|') or ' '}`"


def json_escapes(text: str) -> str:
    r"""Every character of `text` as JSON escapes it: `\u202e`."""
    units = text.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4))


def _escaped(found: re.Match[str]) -> str:
    return json_escapes(found[0])
