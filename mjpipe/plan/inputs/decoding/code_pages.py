"""Guesses the code page of a file that is not UTF-8, from what its text would read like."""
# ruff: noqa: RUF001 - these signs are its subject

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

_CANDIDATES = (
    "cp1252",
    "cp1250",
    "cp932",
    "euc_kr",
    "gb18030",
    "big5",
    "cp1251",
    "cp1253",
    "cp1254",
    "mac_roman",
    "cp850",
)
"""The likeliest first."""

_NAMES = {"cp932": "shift_jis"}
_GUESSES = 3
_ACCEPTED = 0.5
"""How odd a text may be that is still a guess."""

_COMMON = {"cp932": (0x81, 0x97), "gb18030": (0xA1, 0xD7), "big5": (0xA1, 0xC6), "euc_kr": (0xA1, 0xC8)}
"""The first bytes of the characters in daily use."""

_RARE = 0.4
"""How strange a character in no daily use is, beside one that cannot be meant so."""

_OPENS = frozenset("“‘„«¿¡€£「（・\u00a0")
_AT_HOME_IN_TEXT = frozenset("°´`’‘“”„‚«»–—…•€£¥©®™×½¼¾²³§ºª¿¡\u00a0µ·、。，「」・ー（）！？：；％～　")
_WORD = re.compile(r"[^\x00-\x7f]")
_IN_ROW = re.compile(r"[^\x00-\x7f]{4,}")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_CELL = re.compile(r"[^,;\t|\"\r\n]+")


class Guess(NamedTuple):
    """`encoding` as it is written in a manifest; `reads` is the first text with an accent, read so."""

    encoding: str
    reads: str


def guessed_code_pages(content: bytes) -> list[Guess]:
    """The likeliest code pages of a file's `content`, or of its beginning; none when it reads like text in none."""
    if _CONTROL.search(content):
        return []
    found = sorted(_readings(content), key=lambda reading: reading[0])
    best = [(oddness, page, text) for oddness, page, text in found if oddness <= found[0][0] + 0.1]
    guesses: dict[str, Guess] = {}
    for oddness, page, text in best:
        reads = _first_cell(text)
        if oddness < _ACCEPTED and reads not in guesses:
            guesses[reads] = Guess(_NAMES.get(page, page), reads)
    return list(guesses.values())[:_GUESSES]


def _readings(content: bytes) -> Iterator[tuple[float, str, str]]:
    for page in _CANDIDATES:
        for cut in range(3):  # the beginning of a file may end within a character
            try:
                text = content[: len(content) - cut].decode(page)
            except UnicodeDecodeError:
                continue
            yield _oddness(text, page), page, text
            break


def _oddness(text: str, page: str) -> float:
    """The share of the characters beyond ASCII that would be strange where they stand: 0 for a text like any other."""
    others = [found.start() for found in _WORD.finditer(text)]
    if not others:
        return 1.0
    odd = sum(1.0 if _is_odd(text, at) else _RARE * _is_rare(text[at], page) for at in others)
    accented_runs = (found[0] for found in _IN_ROW.finditer(text))
    odd += sum(len(run) for run in accented_runs if _script(run[0]) == _script(run[1]) == "LATIN")
    return odd / len(others)


def _is_odd(text: str, at: int) -> bool:
    char = text[at]
    before, after = text[max(0, at - 1) : at].isalpha(), text[at + 1 : at + 2].isalpha()
    if char in _AT_HOME_IN_TEXT:
        return after and (before or char not in _OPENS) and char not in "’ー、。·—–"
    if not char.isalpha() or char in "ƒˆªº":
        return True
    script = _script(char)
    beside = [other for other in (text[at - 1 : at], text[at + 1 : at + 2]) if other.isalpha()]
    if any(_script(other) != script for other in beside):
        # A letter of one script within a word of another. East Asian text has no spaces around Latin names.
        return script in ("LATIN", "GREEK", "CYRILLIC") or any(other.islower() for other in beside if other.isascii())
    return char.isupper() and before and (text[at - 1].islower() or text[at + 1 : at + 2].islower())


def _is_rare(char: str, page: str) -> bool:
    common = _COMMON.get(page)
    return common is not None and not common[0] <= char.encode(page, "replace")[0] <= common[1]


def _script(char: str) -> str:
    name = unicodedata.name(char, "?").split(" ", 1)[0]
    return "CJK" if name in ("HIRAGANA", "KATAKANA", "HALFWIDTH", "KATAKANA-HIRAGANA", "FULLWIDTH") else name


def _first_cell(text: str) -> str:
    return next((cell[0].strip() for cell in _CELL.finditer(text) if not cell[0].isascii()), "")
