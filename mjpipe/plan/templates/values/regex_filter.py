"""Replaces what a regular expression matches, in time proportional to the text: RE2 never goes back."""

from functools import lru_cache
from typing import Any

from jinja2 import pass_environment

from mjpipe.plan.templates.values.bounds import OUTPUT_LIMIT, bounded_value
from mjpipe.plan.templates.values.value_faults import refuse_list, text_of

_LONGEST_PATTERN = 1_000
_LARGEST_PROGRAM = 4_000
"""Instructions of a compiled pattern. One that names all letters of Unicode has some 3,000."""
_PATTERNS = 64
"""Compiled patterns that are kept."""

_STEPS_OF_MATCH = 15

_CHARACTERS = 2_000
"""Characters that one step goes through, for a program of one instruction."""


class WrongPattern(ValueError):
    """A regular expression that cannot be used; the message says why."""


@pass_environment
def regex_replace(environment: Any, value: Any, pattern: str, replacement: str = "", count: int = 0) -> str:
    r"""The text with `replacement` for each match, or for the first `count`; `\1` and `\g<name>` in it are groups."""
    for part in (value, pattern, replacement):
        refuse_list(part)
    meter, regex, text = environment.meter, _compiled(str(pattern)), text_of(value)
    meter.spend(1 + len(text) * regex.programsize // _CHARACTERS)
    pieces: list[str] = []
    length = end = 0
    for number, match in enumerate(regex.finditer(text), 1):
        meter.spend(_STEPS_OF_MATCH)
        pieces += (text[end : match.start()], _expanded(match, str(replacement)))
        length += len(pieces[-1])
        if length > OUTPUT_LIMIT:
            bounded_value("".join(pieces))
        end = match.end()
        if number == count:
            break
    return "".join((*pieces, text[end:]))


def _expanded(match: Any, replacement: str) -> str:
    if "\\" not in replacement:
        return replacement
    try:
        return str(match.expand(replacement))
    except (IndexError, KeyError, UnicodeError):
        raise WrongPattern(f"`regex_replace` has no such group: `{replacement}`") from None


@lru_cache(_PATTERNS)
def _compiled(pattern: str) -> Any:
    import re2  # noqa: PLC0415 - most campaigns do not need it

    if len(pattern) > _LONGEST_PATTERN:
        raise WrongPattern(f"a regular expression has at most {_LONGEST_PATTERN:,} characters here")
    options = re2.Options()
    options.log_errors = False
    try:
        compiled = re2.compile(pattern, options)
    except re2.error as fault:
        reason = fault.args[0].decode("utf-8", "replace") if fault.args else "it is wrong"
        raise WrongPattern(f"the regular expression cannot be used: {reason}") from None
    if compiled.programsize > _LARGEST_PROGRAM:
        raise WrongPattern("the regular expression is too large")
    return compiled
