"""Colours for a terminal: the few lines that a person looks for among the others."""

import os
import re
from collections.abc import Mapping
from typing import TextIO

import click

_SEVERITIES = {"error": "red", "warning": "yellow", "note": "cyan"}

_LINE = re.compile(
    r"""
    ^(?P<place>\S[^\n]*?:\d+:\d+:\ )(?P<kind>error|warning)(?P<code>\[MJ\d+\])
      (?P<said>:[^\n]*(?:\n\ \ (?!\d+\ \|)\S[^\n]*)*)
    | ^(?P<gutter>\ *\d*\ \|)(?P<caret>\ *\^+$)?
    | ^(?P<severity>error|warning|note)(?=:\ )
    | ^(?P<help>\ *help:)(?=\ )
    | ^(?P<step>next:\ [^\n]*(?:\n\ \ \S[^\n]*)*)
    | ^(?P<plan>Plan:\ [^\n]*(?:\n\ \ \S[^\n]*)*)
    """,
    re.VERBOSE | re.MULTILINE,
)


def has_colours(stream: TextIO, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether text there may have colours: on a terminal that is not `dumb`, unless the environment says otherwise.

    NO_COLOR forbids (no-color.org), FORCE_COLOR and CLICOLOR_FORCE demand (also in a file), CLICOLOR=0 declines.
    """
    if environment.get("NO_COLOR"):
        return False
    if any(environment.get(name, "") not in ("", "0") for name in ("FORCE_COLOR", "CLICOLOR_FORCE")):
        return True
    if environment.get("CLICOLOR") == "0" or environment.get("TERM", "") in ("", "dumb"):
        return False
    return stream.isatty()


def coloured(text: str) -> str:
    """Printable text with its errors, warnings, help, next steps and the line of the plan marked. A JSON document is
    returned as it is.
    """
    return text if text.startswith(("{", "[")) else _LINE.sub(_marked, text)


def _marked(found: re.Match[str]) -> str:
    if kind := found["kind"]:
        said = click.style(kind + found["code"], fg=_SEVERITIES[kind], bold=True) + click.style(
            found["said"], bold=True
        )
        return found["place"] + said
    if gutter := found["gutter"]:
        caret = found["caret"] or ""
        return click.style(gutter, fg="blue", bold=True) + (click.style(caret, fg="red", bold=True) if caret else "")
    if severity := found["severity"]:
        return click.style(severity, fg=_SEVERITIES[severity], bold=True)
    return click.style(found[0], bold=True)
