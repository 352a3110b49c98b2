"""How people and spreadsheets write numbers, truth values and URLs, and what to write instead."""

import re
from decimal import Decimal

BLANKS = frozenset(
    {"nan", "none", "null", "nil", "n/a", "na", "#n/a", "<na>", "nat", "undefined", "-", "--", "\u2013", "\u2014"}
)
"""What programs and people write into a cell that has no value, in small letters."""

LEAVE_EMPTY = "leave the cell empty: the param is then not given"
# Compiled when a value calls for them, not at every start.
_NUMBER = r"[-+]?(?:[0-9]+(?:[.,'\u2019\u00a0\u202f ]?[0-9]+)*|[.,][0-9]+)"
_GROUPS = r"[-+]?[0-9]{1,3}(?:([,.'\u2019\u00a0\u202f ])[0-9]{3})(?:\1[0-9]{3})*"
_EXPONENT = r"(?i)[-+]?[0-9]{1,9}(?:\.[0-9]{1,9})?e[-+]?[0-9]{1,2}"
_LONGEST = 18
_TRUE = frozenset({"yes", "y", "on", "1", "x", "t", "1.0"})
_FALSE = frozenset({"no", "n", "off", "0", "f", "0.0"})
_ATTACHMENT = re.compile(r"[^\n]*?\((?P<url>https?://[^\s()]+)\)\s*(?:,\s*|$)", re.IGNORECASE)


def number_help(text: str, *, whole: bool) -> str | None:
    """What to write instead of a text that is not a number, or for `whole` not a whole one; None when nobody knows."""
    if text.casefold() in BLANKS:
        return LEAVE_EMPTY
    exponent = re.fullmatch(_EXPONENT, text.strip())
    numbers = re.findall(_NUMBER, f"{Decimal(exponent[0]):f}" if exponent else text)
    if len(numbers) != 1:
        return None if numbers else "write it in digits"
    number = _plain(numbers[0], whole=whole)
    if len(number) > _LONGEST:
        return None
    lower, _, fraction = number.partition(".")
    if whole and fraction.strip("0"):
        return f"a whole number has no fraction: `{lower or 0}`, for example"
    written = lower if whole else number
    return f"write `{written}`" if written != text else None


def possible_numbers(written: str) -> list[str]:
    """The numbers that a text with one comma may mean, the likeliest first: `1,249` is 1249 or 1.249."""
    return list(
        dict.fromkeys([_plain(written, whole=re.fullmatch(_GROUPS, written) is not None), _plain(written, whole=False)])
    )


def _plain(written: str, *, whole: bool) -> str:
    """A number as a program reads it. Groups of three digits are thousands where a whole number is meant, or where a
    decimal sign follows them.
    """
    groups = re.match(_GROUPS, written)
    if groups:
        rest = written[groups.end() :]
        if rest or whole or groups[1] not in ",.":
            head = re.sub(r"[^-+0-9]", "", groups[0])
            return head + (f".{rest[1:]}" if rest else "")
    return written.replace(",", ".")


def truth_help(text: str) -> str:
    """What to write instead of a text that is neither true nor false."""
    word = text.casefold()
    if word in BLANKS:
        return LEAVE_EMPTY
    return "write `true`" if word in _TRUE else "write `false`" if word in _FALSE else "write `true` or `false`"


def attachments(text: str) -> list[str] | None:
    """The URLs of a cell of Airtable, which puts each behind the name of its file: `front.jpg (https://…)`. None when
    the text is no such list.
    """
    urls, end = [], 0
    while end < len(text):
        found = _ATTACHMENT.match(text, end)
        if found is None or "://" in text[end : found.start("url")]:
            return None
        urls.append(found["url"])
        end = found.end()
    return urls or None
