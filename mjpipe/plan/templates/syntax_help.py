"""What is wrong with a template that Jinja cannot read, in words for people who know spreadsheets."""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from jinja2 import TemplateSyntaxError, UndefinedError, nodes
from jinja2.filters import FILTERS as FILTERS_OF_JINJA

from mjpipe.domain import Place
from mjpipe.manifest import Text
from mjpipe.plan.safe_names import NAMELESS, identifier
from mjpipe.plan.templates.names.scope import Scope
from mjpipe.plan.templates.syntax.fault_reasons import fault_reason
from mjpipe.plan.templates.syntax.name_places import code_spans, place_of_name
from mjpipe.plan.templates.values.filter_table import FILTERS
from mjpipe.plan.templates.values.value_faults import written

_ALIKE = 0.75
"""How much a filter has to be like an unknown one to be suggested: all are short words of common letters."""

FILTERS_PAGE = "docs/filters.md"

# Parts of Jinja's messages: compiled only when a template is wrong, not at every start.
_UNEXPECTED = r"unexpected char .* at (\d+)"
_GOT = r"got '([^']*)'"
_BLAMED = r"got '(\w+)'|tag '(\w+)'|^'(\w+)' follows"
_NO_PART = r"'str object' has no attribute '(\w+)'"
_NO_MEMBER = r"'dict object' has no attribute '(\w+)'"
_TAG = r"unknown tag '(\w+)'"
_FOLLOWS = r"^'([^']*)' follows"
_UNCLOSED = r"needs to be closed is '(\w+)'"

_QUOTED = r"'[^']*'|\"[^\"]*\""

_QUOTES = {"‘": "'", "’": "'", "‚": "'", "‛": "'", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "´": "'", "`": "'"}  # noqa: RUF001 - they are meant
_OPERATORS = {"&": "and", "!": "not", "?": "'a' if x else 'b'", "≠": "!=", "≤": "<=", "≥": ">=", "×": "*", "÷": "/"}
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2212"

_FILTERS_INSTEAD = {
    "split": "`split` is a method: write `.split(',')` behind the name",
    "strip": "write `| trim`",
    "len": "write `| length`",
    "str": "write `| string`",
    "concat": "write `~` between texts",
    "to_json": "write `| tojson`",
    "from_json": "write `| fromjson`",
    "strip_html": "write `| striptags`",
    "number_format": "write `'%.2f' | format(…)`",
    "money": "write `'%.2f' | format(…)`",
}
"""Names from other programs, and what does the same here."""

_TESTS_INSTEAD = {
    "empty": "write `== ''`",
    "blank": "write `== ''`",
    "null": "write `== ''`: a cell is never null",
    "nan": "write `== 'nan'`",
    "matching": "write `'…' in …`",
    "match": "write `'…' in …`",
    "contains": "write `'…' in …`",
}


_WORDS_INSTEAD = {
    "like": "write `'…' in …`, or `….startswith('…')`",
    "between": "write `1 <= … <= 9`",
    "contains": "write `'…' in …`",
    "startswith": "write `….startswith('…')`",
    "endswith": "write `….endswith('…')`",
}
"""Operators of other languages."""


class SyntaxMistake(NamedTuple):
    """What is wrong, where, and what to write."""

    place: Place
    message: str
    help: str | None


def unknown_parts(
    tree: nodes.Template, text: Text, filters: Collection[str], tests: Collection[str], *, expression: bool
) -> Iterator[SyntaxMistake]:
    """The filters and tests of a template that do not exist."""
    used = {node.name: "filter" for node in tree.find_all(nodes.Filter) if node.name not in filters}
    used |= {node.name: "test" for node in tree.find_all(nodes.Test) if node.name not in tests}
    for name, kind in used.items():
        advice = _advice_on_filter(name, filters) if kind == "filter" else _advice_on_test(name, tests)
        yield SyntaxMistake(place_of_name(text, name, expression=expression), f"no {kind} named `{name}`", advice)


def _advice_on_filter(name: str, filters: Collection[str]) -> str:
    page = f"{FILTERS_PAGE} lists all filters"
    if name in _FILTERS_INSTEAD:
        return f"{_FILTERS_INSTEAD[name]}; {page}"
    near = get_close_matches(name.lower(), sorted(filters), n=1, cutoff=_ALIKE)
    return f"did you mean `{near[0]}`? {page}" if near and name not in FILTERS_OF_JINJA else page


def _advice_on_test(name: str, tests: Collection[str]) -> str | None:
    if name in _TESTS_INSTEAD:
        return _TESTS_INSTEAD[name]
    near = get_close_matches(name.lower(), sorted(test for test in tests if test.isalpha()), n=1, cutoff=_ALIKE)
    return f"did you mean `{near[0]}`?" if near else None


def syntax_mistake(fault: TemplateSyntaxError, text: Text, scope: Scope, *, expression: bool) -> SyntaxMistake:
    """What is wrong with a text that is not valid Jinja."""
    message = fault.message or ""
    column = column_written(text, scope, expression=expression)
    unexpected = re.search(_UNEXPECTED, message)
    if unexpected:
        return _unexpected_sign(text, int(unexpected[1]))
    if "end of comment tag" in message:
        at = max(0, text.source.rfind("{#"))
        advice = "write `{{ '{#' }}` for these two signs, or leave out the brace"
        return SyntaxMistake(text.at(at, 2), "`{#` begins a comment, which has no `#}` at its end", advice)
    place, reason = _blamed(text, fault, expression=expression), fault_reason(fault)
    word = re.search(_BLAMED, message)
    if column is not None and word is not None and (word[1] or word[3]) in re.findall(r"\w+", column):
        advice = f"write `{_in_template(column, scope)}` for the column `{column}`"
        return SyntaxMistake(place, _plainer(message) or reason, advice)
    return SyntaxMistake(place, _plainer(message) or reason, _advice(message, expression=expression))


def advice_on_part(fault: UndefinedError, columns: Iterable[str], values: Mapping[str, Any]) -> str | None:
    """Help for an object without the part that is asked for; and for a text that is asked for one, as if it were an
    object: JSON in a cell, or a filter without `|`.
    """
    if missing := re.fullmatch(_NO_MEMBER, fault.message or ""):
        return f"write `….{missing[1]} | default('')` if some have none"
    asked = re.fullmatch(_NO_PART, fault.message or "")
    if asked is None:
        return None
    json = [name for name in columns if str(values.get(name, "")).lstrip()[:1] in ("{", "[")]
    if len(json) == 1:
        return f"the cell has JSON: write `({written(json[0])} | fromjson).{asked[1]}`"
    if asked[1] in FILTERS:
        return f"write `… | {asked[1]}`"
    return None


def column_written(text: Text, scope: Scope, *, expression: bool) -> str | None:
    """A column that a template uses by its name, although that is no variable: `Product Name`."""
    source = text.source
    parts = [source] if expression else [source[begin:end] for begin, end in code_spans(source)]
    code = re.sub(_QUOTED, "''", "\n".join(parts)).casefold()
    odd = [column for column in scope.columns if not column.isidentifier() and not column.startswith(NAMELESS)]
    return max((column for column in odd if column.casefold() in code), key=len, default=None)


def advice_on_name(name: str, text: Text, scope: Scope, *, expression: bool) -> str | None:
    """Help for an unknown name: a part of a column's name, or a word of another language."""
    column = column_written(text, scope, expression=expression)
    if column is not None and name in re.findall(r"\w+", column):
        return f"write `{_in_template(column, scope)}` for the column `{column}`"
    if name in ("TRUE", "FALSE"):
        return f"write `'{name}'` for the text, `{name.lower()}` for the value"
    if name.lower() in ("null", "nil", "undefined"):
        return "an empty cell is `''`"
    return _FILTERS_INSTEAD.get(name)


def _in_template(column: str, scope: Scope) -> str:
    name = identifier(column)
    return name if name in scope.variables else written(column)


def _unexpected_sign(text: Text, offset: int) -> SyntaxMistake:
    sign, place = text.source[offset], text.at(offset, 1)
    if sign in "'\"":
        return SyntaxMistake(place, f"a text begins with `{sign}` and has no such sign at its end", "close it")
    if text.source[offset : offset + 2] == "&&":
        return SyntaxMistake(text.at(offset, 2), "`&&` is not known here", "write `and`")
    number = f"U+{ord(sign):04X}"
    name = unicodedata.name(sign, "a sign without a name").lower()
    shown = f"`{sign}` ({number}, {name})" if sign.isprintable() and not sign.isascii() else f"`{sign}`"
    if not sign.isprintable():
        shown = f"{number} ({name})"
    return SyntaxMistake(place, f"{shown} is not known here", _instead_of(sign))


def _instead_of(sign: str) -> str | None:
    if sign in _QUOTES:
        return f"write {_QUOTES[sign]} (a straight quote)"
    if sign in _DASHES:
        return "write -"
    if sign in _OPERATORS:
        return f"write `{_OPERATORS[sign]}`"
    if sign == "$":
        return "write the name alone"
    return None if sign.isascii() else "delete it, or type it again"


def _blamed(text: Text, fault: TemplateSyntaxError, *, expression: bool) -> Place:
    """The place of the word that Jinja complains about, or of the line."""
    word = re.search(_BLAMED, fault.message or "")
    if word:
        return place_of_name(text, next(filter(None, word.groups())), expression=expression)
    return text.lines[min(fault.lineno, len(text.lines)) - 1]


def _plainer(message: str) -> str | None:
    """Jinja's message for what people often forget, in other words."""
    open_tag = re.search(_UNCLOSED, message)
    if open_tag and message.lower().startswith("unexpected end of template"):
        return f"`{{% {open_tag[1]} %}}` has no end"
    if "unexpected end of template" in message or message == "unexpected '}'":
        return "`{{` or `{%` is not closed"
    if "expected token 'end of print statement'" in message and (got := re.search(_GOT, message)):
        return f"got `{got[1]}` where the braces should close"
    if re.search(_TAG, message):
        return fault_reason(TemplateSyntaxError(message.partition(". ")[0], 1))
    return None


def _advice(message: str, *, expression: bool) -> str | None:
    open_tag, got = re.search(_UNCLOSED, message), re.search(_GOT, message)
    unknown, follows = re.search(_TAG, message), re.search(_FOLLOWS, message)
    if unknown and unknown[1] in ("elseif", "elsif"):
        return "write `{% elif … %}`"
    if unknown and unknown[1].startswith(("end", "el")):
        return f"no tag before it needs `{{% {unknown[1]} %}}`"
    if unknown:
        return f"write `{{{{ {unknown[1]} }}}}` to put out a name"
    if follows and follows[1].lower() in ("and", "or", "not", "in", "is"):
        return f"write `{follows[1].lower()}`"
    if follows:
        return _WORDS_INSTEAD.get(follows[1].lower(), "texts stand in quotes, and a name has no spaces")
    if open_tag:
        return f"write `{{% end{open_tag[1]} %}}` behind it"
    if "unexpected end of template" in message or message == "unexpected '}'":
        return None if expression else "write `}}` behind a name, and `%}` behind a tag"
    if message == "unexpected '='" or (got and got[1] == "="):
        return "write `==` to compare"
    if message == "unexpected '>'":
        return "write `!=` for unequal"
    if got and got[1] == "|":
        return "write `or`"
    if got and got[1] == "}":
        return "write `{{ name }}` with two braces on each side"
    if message.startswith("expected token 'end of print statement'"):
        return "write `{% if … %}` for a tag; a name has no spaces"
    return None
