"""Reads the user's own prices, which fill gaps in the price table or override it."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeAlias

from mjpipe.contract import MODES_OF_KIND, Mode, Speed
from mjpipe.domain import Diagnostic, Kind, Place, Usd, reason_of
from mjpipe.files import named_in, read_regular
from mjpipe.manifest.document.parsing import conflict_mistake, read_yaml
from mjpipe.manifest.document.source_text import SourceText
from mjpipe.manifest.document.tree import Map, Scalar
from mjpipe.manifest.names_in_messages import did_you_mean, quoted
from mjpipe.manifest.sections.dollar_amounts import amount
from mjpipe.manifest.sections.inputs import below

_Written: TypeAlias = tuple[str, Place, str, Place]
"""A price's key and amount as written, each with its place."""

LARGEST = 64 << 10
"""Bytes of a price file: there are fewer than a hundred prices."""

_TOML_KEY = re.compile(r"""^[ \t]*(["']?)([^"'=\s]+)\1[ \t]*=[ \t]*(\S*)""", re.MULTILINE)


def read_prices(top: Map, folder: Path) -> tuple[dict[str, Usd], list[Diagnostic]]:
    """The prices of a manifest in `folder`, from the manifest or from the file that it names."""
    prices: dict[str, Usd] = {}
    mistakes: list[Diagnostic] = []
    for entry in _written(top, folder):
        if isinstance(entry, Diagnostic):
            mistakes.append(entry)
            continue
        key, key_place, text, place = entry
        found = amount(text, place, f"price of `{key}`")
        wrong = [*_key_mistakes(key, key_place), *([found] if isinstance(found, Diagnostic) else [])]
        mistakes += wrong
        if not wrong and not isinstance(found, Diagnostic):
            prices[key] = found
    return prices, mistakes


def read_price_file(top: Map, folder: Path) -> Path | None:
    """The file that a manifest in `folder` takes its prices from."""
    written = top.written("prices")
    return below(folder, written) if written else None


def _written(top: Map, folder: Path) -> Iterator[_Written | Diagnostic]:
    file = top.text("prices")
    if file is None:
        yield from _entries(top.map("prices"))
        return
    try:
        text = read_regular(named_in(folder, file.source), LARGEST).decode("utf-8-sig")
    except (OSError, ValueError) as fault:
        reason = reason_of(fault) if isinstance(fault, OSError | UnicodeError) else "it is not a file"
        message = f"the price file `{file.source}` cannot be read: {reason}"
        yield Diagnostic(place=file.place, code="MJ042", message=message)
        return
    lines = SourceText(str(folder / file.source), text)
    yield from _from_toml(lines) if file.source.lower().endswith(".toml") else _from_yaml(lines)


def _from_yaml(lines: SourceText) -> Iterator[_Written | Diagnostic]:
    tree, mistakes = read_yaml(lines)
    yield from mistakes
    if isinstance(tree, Map):
        yield from _entries(tree)
    elif not mistakes:
        yield Diagnostic(place=lines.place(0), code="MJ042", message="a price file is a mapping of kinds to amounts")


def _entries(prices: Map) -> Iterator[_Written | Diagnostic]:
    for key, entry in prices.entries.items():
        if isinstance(entry.value, Scalar):
            yield key, entry.place, entry.value.text.source, entry.value.place
        else:
            yield Diagnostic(place=entry.place, code="MJ041", message=f"the price of `{key}` is not an amount")


def _from_toml(lines: SourceText) -> Iterator[_Written | Diagnostic]:
    if unresolved := conflict_mistake(lines, "MJ042"):
        yield unresolved
        return
    try:
        # Numbers stay text, and never pass through a float.
        table = tomllib.loads(lines.text.replace("\r\n", "\n"), parse_float=str)
    except tomllib.TOMLDecodeError as fault:
        problem = str(fault).lower()
        found = re.search(r"at line (\d+), column (\d+)", problem)
        index = lines.span(int(found[1]) - 1)[0] + int(found[2]) - 1 if found else len(lines.text)
        message = f"this is not TOML: {problem.partition(' (at ')[0]}"
        yield Diagnostic(place=lines.place(index), code="MJ042", message=message)
        return
    except (ValueError, RecursionError) as fault:
        problem = "it nests too deeply" if isinstance(fault, RecursionError) else "a number in it is too long"
        yield Diagnostic(place=lines.place(0), code="MJ042", message=f"this is not TOML: {problem}")
        return
    # tomllib gives no places; a key that is written in the usual way can be found by a pattern.
    written = {found[2]: found for found in reversed([*_TOML_KEY.finditer(lines.text)])}
    for key, value in table.items():
        found = written.get(key)
        place = lines.place(found.start(2), len(key)) if found else lines.place(0)
        if isinstance(value, dict | list):
            yield Diagnostic(place=place, code="MJ041", message=f"the price of `{key}` is not an amount")
            continue
        yield key, place, f"{value}", lines.place(found.start(3), len(found[3])) if found else place


def _key_mistakes(key: str, place: Place) -> Iterator[Diagnostic]:
    name, *qualities = key.split("/")
    known = list(dict.fromkeys([*map(str, Kind), *map(str, Mode)]))
    if name not in known:
        message, help_text = f"there is no kind or mode `{name}`", did_you_mean(name, known)
        yield Diagnostic(place=place, code="MJ040", message=message, help=help_text)
        return
    possible = list(_qualities(MODES_OF_KIND[Kind(name)] if name in set(Kind) else (Mode(name),)))
    if qualities and qualities not in possible:
        listed = quoted("/".join([name, *qualities]) for qualities in possible)
        help_text = (
            f"use `{name}`, {listed}" if possible else f"use `{name}`: neither speed nor hd is part of its request"
        )
        yield Diagnostic(place=place, code="MJ040", message=f"there is no price `{key}`", help=help_text)


def _qualities(modes: Iterable[Mode]) -> Iterator[list[str]]:
    """What may stand behind a kind or mode: a speed other than relaxed, which is billed as fast, and hd."""
    facts = [mode.facts for mode in modes]
    if not any(one.has_speed for one in facts):
        return
    drafts = any(one.makes_drafts for one in facts)
    speeds = [Speed.FAST, Speed.TURBO, *([Speed.DRAFT] if drafts else [])]
    yield from ([str(speed)] for speed in speeds)
    if any("is_hd" in one.field_names for one in facts):
        yield ["hd"]
        yield from ([str(speed), "hd"] for speed in speeds)
