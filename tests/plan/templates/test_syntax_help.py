"""What people type who know other programs: named, with what to write instead."""

import pytest

from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.templates.compiler import Compiler
from mjpipe.plan.templates.jinja.environment import BoundedEnvironment
from mjpipe.plan.templates.jinja.metering import Meter
from mjpipe.plan.templates.names.scope import Scope
from tests.plan.templates.test_templates import text_of

SCOPE = Scope(
    variables=frozenset({"Product_Name", "unit_price", "name", "Published"}),
    columns=frozenset({"Product Name", "Product_Name", "Body (HTML)", "unit-price", "unit_price", "name", "Published"}),
    vars={},
)
PAGE = "docs/filters.md lists all filters"


def found(source: str, *, expression: bool = False) -> list[tuple[int, str, str | None]]:
    mistakes = Mistakes()
    compiler = Compiler(BoundedEnvironment(None, Meter()), mistakes)
    result = compiler.condition(text_of(source), SCOPE) if expression else compiler.template(text_of(source), SCOPE)
    assert result is None
    return [
        (diagnostic.place.column - 2, diagnostic.message.removeprefix("the template is wrong: "), diagnostic.help)
        for diagnostic in mistakes.diagnostics()
    ]


@pytest.mark.parametrize(
    ("source", "column", "message", "advice"),
    [
        ("{{ Product Name }}", 12, "got `Name`", "write `Product_Name` for the column `Product Name`"),
        ("{{ row.Product Name }}", 16, "got `Name`", "write `Product_Name` for the column `Product Name`"),
        (
            "{{ Old Title }} of {{ Product Name }}",
            8,
            "got `Title`",
            "write `{% if … %}` for a tag; a name has no spaces",
        ),
        ("a {#ff0000} cup", 3, "`{#` begins a comment, which has no `#}` at its end", "write `{{ '{#' }}` for"),
        ("{{ name | default(\u2018jug\u2019) }}", 19, "`\u2018` (U+2018, left single quotation mark)", "write ' (a"),
        ("{{ name ~ \u201cx\u201d }}", 11, "`\u201c` (U+201C, left double quotation mark)", 'write " (a straight'),
        ("{{ name\u200b }}", 8, "U+200B (zero width space) is not known here", "delete it, or type it again"),
        ("{{ unit_price \u2013 1 }}", 15, "`\u2013` (U+2013, en dash) is not known here", "write -"),
        ("{{ name }", 1, "`{{` or `{%` is not closed", "write `}}` behind a name, and `%}` behind a tag"),
        ("{{ {name} }}", 1, "got `}`", "write `{{ name }}` with two braces on each side"),
        ("{% if name = 'x' %}a{% endif %}", 1, "got `=`", "write `==` to compare"),
        ("{{ 'a' if name && name }}", 16, "`&&` is not known here", "write `and`"),
        ("{{ 'a' if name || name }}", 1, "got `|`", "write `or`"),
        ("{{ name ? 'a' : 'b' }}", 9, "`?` is not known here", "write `'a' if x else 'b'`"),
        ("{{ 'a }}", 4, "a text begins with `'` and has no such sign at its end", "close it"),
        ("{% if name %}a", 1, "`{% if %}` has no end", "write `{% endif %}` behind it"),
        ("{% if name %}{% elseif name %}{% endif %}", 17, "unknown tag `elseif`", "write `{% elif … %}`"),
        ("{% name %}", 4, "encountered unknown tag `name`", "write `{{ name }}` to put out a name"),
        ("{{ name | striptag }}", 11, "no filter named `striptag`", f"did you mean `striptags`? {PAGE}"),
        ("{{ name | safe }}", 11, "no filter named `safe`", PAGE),
        ("{{ name | split }}", 11, "no filter named `split`", "`split` is a method: write `.split(',')` behind"),
        ("{% if name %}{{ name | shout }}{% endif %}", 24, "no filter named `shout`", PAGE),
        ("{{ 'a' if name is empty }}", 19, "no test named `empty`", "write `== ''`"),
        ("{{ len(name) }}", 4, "`len` is not defined here", "write `| length`"),
        ("{{ Published == TRUE }}", 17, "`TRUE` is not defined here", "write `'TRUE'` for the text, `true` for the"),
    ],
)
def test_what_other_programs_write_is_named_with_what_to_write_here(
    source: str, column: int, message: str, advice: str
) -> None:
    ((place, said, help_text),) = found(source)
    assert (place, message in said, (help_text or "").startswith(advice)) == (column, True, True), (said, help_text)


@pytest.mark.parametrize(
    ("source", "column", "message", "advice"),
    [
        ("Product Name == 'x'", 9, "`Name` follows the end of the expression", "write `Product_Name` for the column"),
        (
            "name == \u201cstudio\u201d",
            9,
            "`\u201c` (U+201C, left double quotation mark)",
            'write " (a straight quote)',
        ),
        ("name == 'a' AND name", 13, "`AND` follows the end of the expression", "write `and`"),
        ("name like 'a%'", 6, "`like` follows the end of the expression", "write `'…' in …`"),
        ("name <> 'x'", 1, "unexpected `>`", "write `!=` for unequal"),
        ("name is not null", 13, "no test named `null`", "write `== ''`: a cell is never null"),
        ("name == null", 9, "`null` is not defined here", "an empty cell is `''`"),
    ],
)
def test_so_is_what_they_write_in_conditions(source: str, column: int, message: str, advice: str) -> None:
    ((place, said, help_text),) = found(source, expression=True)
    assert (place, message in said, (help_text or "").startswith(advice)) == (column, True, True), (said, help_text)


def test_both_halves_of_a_column_name_are_the_column() -> None:
    advice = "write `row['Body (HTML)']` for the column `Body (HTML)`"
    assert found("{{ Body (HTML) }}") == [
        (4, "`Body` is not defined here", advice),
        (10, "`HTML` is not defined here", advice),
    ]
    assert [advice for _, _, advice in found("{{ unit-price }}")] == [
        "write `unit_price` for the column `unit-price`"
    ] * 2


def test_a_column_that_is_only_in_the_text_is_not_meant() -> None:
    assert found("Product Name: {{ nme }}") == [(18, "`nme` is not defined here", "did you mean `name`?")]
