"""`docs/filters.md` lists every filter, with what it gives and an example that is run here.

After a change: `make documents`; then read the diff.
"""

import json
import os
import textwrap

from mjpipe.domain import Place
from mjpipe.manifest import Text
from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.templates.compiler import Compiler
from mjpipe.plan.templates.jinja.environment import GLOBALS, BoundedEnvironment
from mjpipe.plan.templates.jinja.metering import Meter
from mjpipe.plan.templates.names.scope import Scope
from mjpipe.plan.templates.values.filter_table import EXAMPLE_ROW, FILTERS
from tests.cli.program import ROOT

DOCUMENT = ROOT / "docs" / "filters.md"
HEAD = """\
# Templates: texts, numbers, lists and filters

Templates are [Jinja](https://jinja.palletsprojects.com/en/stable/templates/): `{{ name | upper }}` puts out a column,
`{% if %}` and `{% for %}` choose and repeat, and `where` and other conditions are expressions without braces. This page
says what is different here, and lists every filter.

## Texts and numbers

Cells are text. Beside a number, `==`, `!=`, `<`, `<=`, `>` and `>=` read a text as a number, so `where: price > 100`
works for cells such as `150` and `99.50`. So do the tests of these names: `select('gt', 100)`.

| the cell | what happens |
|---|---|
| digits, with a point before decimals: `150`, `-3`, `99.50` | it is that number |
| empty | it is unequal to every number, and neither smaller nor larger; one warning with a count |
| anything else: `1,249.00`, `€ 180`, `on request` | an error at the cell |

`number` reads what shops write: `price | number > 100`. It ignores currency signs and codes, and spaces, apostrophes
and commas before groups of three digits. With `number(decimal=',')` the comma begins the decimals. It gives a whole
number where there are no decimals, so `1,249.00` is put out as `1249` and `180,50` as `180.5`;
`'%.2f' | format(price | number)` puts out `1249.00`. To calculate with cells, convert them: `width | number * 2`.

Two texts are compared as texts. That is an error where it puts numbers in another order: as a text, `9` is behind
`10`. `in`, `sort`, `min` and `max` convert nothing.

Older releases found no text equal to a number. In a campaign that one of them has paid for, a comparison that changes
what is asked for is an error, so that nothing is paid again for it: `stock | number != 0` says that you mean numbers.

## Columns as conditions

`{% if note %}` and `where: note` ask whether the cell is empty. `FALSE`, `no` and `0` are not empty, so such a cell is
an error there: write `published == 'TRUE'`, or `published | truth`. `{{ note or 'none' }}` puts out the cell whatever
it says, unless it is empty.

## Lists

A list or an object in JSON Lines or `rows:` stays one: `{% for colour in colours %}`, `colours[0]`, `'red' in colours`,
`dim.w`. It is an error where a text belongs: write `colours | join(', ')`. In a CSV cell, `tags.split(',')` reads a
list, and `fromjson` reads JSON. A loop over the text itself, or `join`, would take it letter by letter: an error too.
In fields that take JSON (`image_urls`, `mask`, …), the column alone is enough.

"""


METHODS = """\
Texts have Python's methods, such as `.split(',')`, `.startswith('T-')` and `.strip()`.
Nothing is random, because the same manifest has to ask for the same images.
"""


def result_of(example: str) -> str:
    nested = frozenset(name for name, value in EXAMPLE_ROW.items() if not isinstance(value, str))
    scope = Scope(variables=frozenset(EXAMPLE_ROW), columns=frozenset(EXAMPLE_ROW), vars={}, nested=nested)
    mistakes = Mistakes()
    text = Text(f"{{{{ {example} }}}}", (Place(file="filters.md", line=1),))
    template = Compiler(BoundedEnvironment(None, Meter()), mistakes).template(text, scope)
    assert template, mistakes.diagnostics()
    return template.render(EXAMPLE_ROW)


def code(text: str) -> str:
    """A piece of code within a table."""
    return f"`{text}`".replace("|", "\\|")


def cell(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def examples() -> str:
    row = (f"| `{name}` | {code(cell(value)) if value else 'empty'} |" for name, value in EXAMPLE_ROW.items())
    table = (
        f"| `{name}` | {filter_.gives} | {code(filter_.example)} | {code(result_of(filter_.example))} |"
        for name, filter_ in FILTERS.items()
    )
    return "\n".join(
        [
            "## Filters\n\nThe examples use these columns:\n",
            "| column | cell |\n|---|---|",
            *row,
            "\n| filter | gives | example | result |\n|---|---|---|---|",
            *table,
        ]
    )


def other_names() -> str:
    tests = sorted(name for name in BoundedEnvironment(None, Meter()).tests if name.isalpha())
    listed = textwrap.fill(f"Tests, behind `is` and in `select`: {', '.join(f'`{name}`' for name in tests)}.", 120)
    functions = ", ".join(f"`{name}`" for name in GLOBALS)
    return f"\n## Tests and functions\n\n{listed}\n\nFunctions: {functions}. {METHODS}"


def test_the_document_lists_every_filter_with_what_its_example_gives() -> None:
    page = f"{HEAD}{examples()}\n{other_names()}"
    if os.environ.get("REWRITE"):
        DOCUMENT.write_text(page, "utf-8")
    assert DOCUMENT.read_text("utf-8") == page


def test_every_filter_is_in_the_table() -> None:
    assert list(FILTERS) == sorted(BoundedEnvironment(None, Meter()).filters)
