"""Texts beside numbers, words as conditions, and the filters that read what shops write."""

from dataclasses import replace

import pytest

from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.templates.compiler import Compiler
from mjpipe.plan.templates.jinja.environment import BoundedEnvironment
from mjpipe.plan.templates.jinja.metering import Meter
from mjpipe.plan.templates.template import RenderFault, Template
from tests.plan.planning import Plan, Planned
from tests.plan.templates.test_templates import SCOPE, compiled, rendered, text_of


def planned_where(plan: Plan, where: str, rows: str) -> Planned:
    quoted = where.replace("'", "''")
    return plan(
        f"""
        inputs: {{rows: {{csv: rows.csv, key: sku, where: '{quoted}'}}}}
        nodes: {{hero: {{kind: generate, for_each: [rows], params: {{prompt: "a cup"}}}}}}
        """,
        rows_csv=rows,
    )


def kept(plan: Plan, where: str, rows: str) -> list[str]:
    planned = planned_where(plan, where, rows)
    assert planned.said() == []
    return [key.removeprefix("hero/") for key in planned.keys]


NUMBERS = "sku,price,cost\nA,100,20\nB,99.50,100\nC,-3,-3.0\n"


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ("price > 99", "AB"),
        ("price == 100", "A"),
        ("100 == price", "A"),
        ("price == 100.0", "A"),
        ("price != 100", "BC"),
        ("price <= 99.5", "BC"),
        ("99.5 >= price", "BC"),
        ("0 < price < 100", "B"),
        ("0 < price < 100 <= cost", "B"),
        ("price == -3", "C"),
        ("price is gt 99", "AB"),
        ("price is ne 100", "BC"),
        ("price is le(99.5)", "BC"),
        ("[price, cost] | select('gt', 99) | list", "AB"),
        ("[price, cost] | reject('eq', -3) | list | length == 0", "C"),
        ("[{'p': price}] | selectattr('p', '>=', 100) | list", "A"),
        ("[{'p': price}] | rejectattr('p', '>=', 100) | list", "BC"),
        ("price == '100'", "A"),
        ("price != cost", "ABC"),
        ("price in [100, '99.50']", "B"),
        ("price in ['100']", "A"),
        ("[price, cost] | sort | first == price", "AC"),
        ("cost == price | number", "C"),
    ],
)
def test_a_text_beside_a_number_is_read_as_one(plan: Plan, where: str, rows: str) -> None:
    assert kept(plan, where, NUMBERS) == list(rows)


def test_each_side_of_a_chain_is_evaluated_once_and_only_if_needed() -> None:
    count = "{% set n = namespace(c=0) %}{% macro m(x) %}{% set n.c = n.c + 1 %}{{ x }}{% endmacro %}"
    assert rendered(count + "{{ 1 < m('2') < m('3') < 4 }} {{ n.c }}") == "True 2"
    assert rendered(count + "{{ 5 < m('2') < m('x') < 4 }} {{ n.c }}") == "False 1"
    assert rendered(count + "{{ m('2') < 3 in [3, 4] not in [5] }} {{ n.c }}") == "True 1"
    assert rendered("{{ false and 'x' > 1 }}{{ true or 'x' > 1 }}") == "FalseTrue"


def test_a_text_that_is_no_number_is_an_error_at_its_cell(plan: Plan) -> None:
    rows = 'sku,price\nA,100\nB,"1,249.00"\nC,on request\n'
    planned = planned_where(plan, "price > 99", rows)
    assert planned.said() == ["rows.csv:3:3 MJ069 `price` is compared with a number, and is not written as one"]
    assert planned.diagnostics[0].also == 1
    assert planned.diagnostics[0].help == "for `1,249.00` write `price | number`"
    for where in ("[price] | select('gt', 99) | list", "99 < row['price']", "price | trim != 5", "0 < price < 200"):
        assert planned_where(plan, where, rows).said() == planned.said()


def test_an_empty_cell_is_unequal_to_every_number_and_not_ordered(plan: Plan) -> None:
    rows = "sku,stock\nA,\nB,0\nC, \nD,5\n"
    warned = "MJ106 `stock` is empty in some rows, and is compared with a number"
    for where, keys in {
        "stock != 0": ["A", "C", "D"],
        "stock == 0": ["B"],
        "stock < 5": ["B"],
        "stock <= 5": ["B", "D"],
        "stock > -1": ["B", "D"],
        "0 <= stock": ["B", "D"],
    }.items():
        planned = planned_where(plan, where, rows)
        assert planned.said() == [f"campaign.yaml:4:{50 + where.index('stock')} {warned}"]
        assert planned.diagnostics[0].also == 1
        assert planned.diagnostics[0].help == (
            "an empty cell is unequal to every number, and neither smaller nor larger: "
            "`stock != ''` asks whether there is one"
        )
        assert planned.keys == [f"hero/{key}" for key in keys]
    assert kept(plan, "stock | trim != '' and stock > 0", rows) == ["D"]


FLAGS = "sku,Published\nA,TRUE\nB,FALSE\nC,false\nD,0\nE,\n"


@pytest.mark.parametrize(
    "where",
    [
        "Published",
        "not Published",
        "row.Published",
        "row['Published'] and sku",
        "sku and (Published or sku == 'A')",
        "true if Published else false",
        "'yes' == ('yes' if Published)",
        "Published and sku",
    ],
)
def test_a_column_as_a_condition_is_an_error_where_it_reads_as_false(plan: Plan, where: str) -> None:
    planned = planned_where(plan, where, FLAGS)
    assert planned.said() == [
        "rows.csv:3:3 MJ105 `Published` as a condition asks only whether there is a text, and this one reads as false"
    ]
    assert planned.diagnostics[0].also == 2
    assert planned.diagnostics[0].help == (
        "write `Published == 'TRUE'`, or `Published | truth`; or `Published != ''` if any text counts"
    )


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ("Published", "ABD"),
        ("not Published", "C"),
        ("(Published or 'none') != 'none'", "ABD"),
    ],
)
def test_a_column_as_a_condition_asks_whether_its_cell_is_empty(plan: Plan, where: str, rows: str) -> None:
    assert kept(plan, where, "sku,Published\nA,TRUE\nB,soon\nC,\nD,1\n") == list(rows)


def test_what_follows_an_empty_cell_is_no_condition() -> None:
    source = "{{ name or 'none' }}"
    template = compiled(source)
    assert template
    assert [template.render({"name": value}) for value in ("0", "no", "")] == ["0", "no", "none"]


@pytest.mark.parametrize(
    ("source", "column"),
    [
        ("{% if name %}x{% endif %}", "name"),
        ("{% if style == 'studio' %}{% elif name %}x{% endif %}", "name"),
        ("{% for n in [1] if name %}x{% endfor %}", "name"),
        ("{{ 'new' if name }}", "name"),
        ("{{ name and 'new' }}", "name"),
        ("{{ 'old' if not name }}", "name"),
        ("{% set flag = name %}{{ 'new' if flag }}", "flag"),
        ("{% macro m() %}{{ 'new' if name }}{% endmacro %}{{ m() }}", "name"),
    ],
)
def test_a_condition_is_one_wherever_it_stands(source: str, column: str) -> None:
    template = compiled(source)
    assert template
    with pytest.raises(Exception, match=f"`{column}` as a condition asks only whether there is a text"):
        template.render({"name": "No", "style": "plain"})


def test_filters_that_keep_a_word_make_no_condition_of_it(plan: Plan) -> None:
    for where in ("Published | trim", "Published.strip().lower()", "not (Published | default('x'))"):
        planned = planned_where(plan, where, FLAGS)
        assert [line.split()[1] for line in planned.said()] == ["MJ105"]
        assert planned.diagnostics[0].also == 2
        assert planned.diagnostics[0].help == "write `Published | truth`; or `Published != ''` if any text counts"


@pytest.mark.parametrize("where", ["price < cost", "cost >= price", "price < '10.00'", "'10.00' > price"])
def test_numbers_are_not_compared_letter_by_letter(plan: Plan, where: str) -> None:
    planned = planned_where(plan, where, "sku,price,cost\nA,8.50,9\nB,9.50,10.00\nC,dear,cheap\n")
    (found,) = planned.diagnostics
    assert found.code == "MJ069"
    column = next(word for word in where.split() if word.isalpha())
    assert found.message == f"`{column}` is compared as text, which puts numbers in another order"
    assert found.help is not None
    assert f"write `{column} | number` on both sides, or a number without quotes" in found.help


def test_the_items_of_a_loop_may_be_any_word() -> None:
    assert rendered("{% for size in '0,2,,no'.split(',') if size %}{{ size }} {% endfor %}") == "0 2 no "


@pytest.mark.parametrize("where", ["Published == true", "false != Published", "Published | lower is eq true"])
def test_a_text_is_neither_true_nor_false(plan: Plan, where: str) -> None:
    (said,) = planned_where(plan, where, "sku,Published\nA,TRUE\n").said()
    assert said.endswith("MJ105 `Published` is text, which is neither true nor false") or "`true` is text" in said


def test_what_a_spreadsheet_writes_for_false_in_another_language_reads_as_false_too(plan: Plan) -> None:
    rows = "sku,Aktiv\nA,WAHR\nB,FALSCH\nC,faux\n"
    planned = planned_where(plan, "Aktiv", rows)
    assert planned.said() == [
        "rows.csv:3:3 MJ105 `Aktiv` as a condition asks only whether there is a text, and this one reads as false"
    ]
    assert planned.diagnostics[0].help == (
        "write `Aktiv != 'FALSCH'`, or `Aktiv | truth`; or `Aktiv != ''` if any text counts"
    )
    assert kept(plan, "Aktiv | truth", rows.replace("C,faux\n", "D,VRAI\n")) == ["A", "D"]


def test_truth_reads_the_words_of_spreadsheets(plan: Plan) -> None:
    words = ("TRUE", "Yes", "1", " true", "FALSE", "no", "0", "")
    rows = "sku,Published\n" + "".join(f"{number},{word}\n" for number, word in enumerate(words))
    assert kept(plan, "Published | truth", rows) == ["0", "1", "2", "3"]
    planned = planned_where(plan, "Published | truth", "sku,Published\nA,active\n")
    assert planned.said() == ["rows.csv:2:3 MJ108 `Published` is neither true nor false"]
    assert planned.diagnostics[0].help == (
        "`truth` reads true, yes, 1, false, no, 0 and a blank: for `active` write `Published == 'active'`"
    )


@pytest.mark.parametrize(
    ("text", "point", "comma"),
    [
        ("1,249.00", "1249", None),
        ("€ 180", "180", "180"),
        ("180,50", None, "180.5"),
        ("15.00 USD", "15", None),
        ("US$1,249.50", "1249.5", None),
        ("1.249,00 €", None, "1249"),
        ("1 249,50", None, "1249.5"),
        ("1\u202f249", "1249", "1249"),
        ("1'249.95", "1249.95", None),
        ("-3", "-3", "-3"),
        ("\u2212$3", "-3", "-3"),
        ("£-3.5", "-3.5", None),
        (".5", "0.5", None),
        ("1.249", "1.249", "1249"),
        ("12,345,678", "12345678", None),
        ("1,24", None, "1.24"),
        ("1,24,567", None, None),
        ("0,500", None, "0.5"),
        ("1,249 000", None, None),
        ("12 cm", None, None),
        ("--3", None, None),
        ("", None, None),
        ("$", None, None),
        ("nan", None, None),
        ("1e5", None, None),
        ("9" * 61, None, None),
    ],
)
def test_number_reads_what_shops_write_and_nothing_else(text: str, point: str | None, comma: str | None) -> None:
    template, with_comma = compiled("{{ name | number }}"), compiled("{{ name | number(decimal=',') }}")
    assert template
    assert with_comma
    for expected, reading in ((point, template), (comma, with_comma)):
        if expected is None:
            with pytest.raises(Exception, match="`name` is not a number that `number` reads"):
                reading.render({"name": text})
        else:
            assert reading.render({"name": text}) == expected


PRICES = 'sku,price\nM-1,"1,249.00"\nM-2,€ 180\nM-3,150\nM-4,"180,50"\nM-5,\n'


@pytest.mark.parametrize("reader", ["float", "int"])
def test_a_number_that_cannot_be_read_is_no_zero(plan: Plan, reader: str) -> None:
    planned = planned_where(plan, f"price | {reader} > 100", PRICES)
    assert planned.said() == [f"rows.csv:2:5 MJ069 `price` is not a number that `{reader}` reads"]
    assert planned.diagnostics[0].also == 3
    assert planned.diagnostics[0].help == "for `1,249.00` write `price | number`"
    assert kept(plan, f"price | {reader}(0) > 100", PRICES) == ["M-3"]


def test_help_for_a_number_says_what_reads_it(plan: Plan) -> None:
    (found,) = planned_where(plan, "price | number > 100", PRICES).diagnostics
    assert (found.message, found.also) == ("`price` is not a number that `number` reads", 1)
    assert found.help == "for `180,50` write `price | number(decimal=',')`"
    (found,) = planned_where(plan, "price | number > 100", "sku,price\nM-5,\n").diagnostics
    assert found.help == "the cell is empty: `price | number(default=0)` gives 0 for it"
    assert kept(plan, "price | number(default=0) > 100", PRICES.replace('"180,50"', "180.50")) == [
        "M-1",
        "M-2",
        "M-3",
        "M-4",
    ]


@pytest.mark.parametrize("text", ["nan", "inf", "1e999"])
def test_what_is_no_finite_number_is_none(text: str) -> None:
    template = compiled("{{ name | float }}")
    assert template
    with pytest.raises(Exception, match="`name` is not a number that `float` reads"):
        template.render({"name": text})


@pytest.mark.parametrize(
    ("source", "text", "expected"),
    [
        ("striptags", "<p>Solid oak &amp; linen.</p>\n<ul><li>45&nbsp;cm</li></ul>", "Solid oak & linen. 45 cm"),
        ("striptags", "<ul><li>oak</li><li>linen</li></ul>a<b>b</b>c<br>d", "oak linen abc d"),
        ("striptags", '<img alt="a > b" src="x">3 < 5, 6 > 4 <!-- <b> -->&lt;b&gt;', "3 < 5, 6 > 4 <b>"),
        ("striptags", "<style>p {x: y}</style>cup<script>if (a < b) {}</SCRIPT >", "cup"),
        ("striptags", '<p title=5">cup</p><!-- open', "cup"),
        ("slug", " Größe: 2/3 — Øl & Çay_ß ", "grosse-2-3-ol-and-cay-ss"),
        ("slug", "Чашка Nr. 5", "чашка-nr-5"),
        ("slug", "--", ""),
        ("fromjson | join('+')", '["red", 2.5]', "red+2.5"),
        ("fromjson | tojson", '{"w": {"cm": 45}}', '{"w": {"cm": 45}}'),
    ],
)
def test_filters_for_the_texts_of_shops(source: str, text: str, expected: str) -> None:
    template = compiled(f"{{{{ name | {source} }}}}")
    assert template
    assert template.render({"name": text}) == expected


@pytest.mark.parametrize(
    "text", ["<!--" * 25_000, "<a" * 50_000, '<a "' * 25_000, "<script" * 14_000, "<script>" * 12_000]
)
def test_tags_without_an_end_take_no_longer_than_others(text: str) -> None:
    template = compiled("{{ name | striptags | length }}")
    assert template
    template.render({"name": text})


def test_json_in_a_cell_can_be_read(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv, key: sku}}
        nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: "{{ (dim | fromjson).w }} cm"}}}
        """,
        rows_csv='sku,dim\nA,"{""w"": 45}"\nB,45 x 20\n',
    )
    assert [job.request["prompt"] for job in planned.jobs] == ["45 cm"]
    assert planned.said() == ["rows.csv:3:3 MJ109 `dim` is not JSON"]
    assert planned.diagnostics[0].help == "extra data; a list with commas and no brackets is `dim.split(',')`"


@pytest.mark.parametrize("source", ["[1, 2]", "'a,b'.split(',')", "{'w': 45}"])
def test_a_list_has_no_text_of_its_own(source: str) -> None:
    for use in ("x", "'a' ~ x", "x | upper", "x | replace('[', '')", "'%s' % (x,)", "'%s' | format(x)", "[x] | join"):
        mistakes = Mistakes()
        compiled(f"{{% set x = {source} %}}{{{{ {use} }}}}", mistakes)
        (found,) = mistakes.diagnostics()
        kind = "an object" if source.startswith("{") else "a list"
        assert (found.code, found.message) == ("MJ107", f"a value is {kind}, which has no text of its own")
        inner = "`….w`" if source.startswith("{") else "`… | join(', ')`"
        assert found.help == f"write {inner}, or `… | tojson` for JSON"


NESTED = replace(SCOPE, nested=frozenset({"name", "style", "row"}))
LISTED = {
    "name": ["red", "blue"],
    "style": {"w": 45, "parts": ["lid"]},
    "unit price": "4",
    "unit_price": "4",
    "key": "K",
}


def of_lists(source: str) -> Template:
    template = Compiler(BoundedEnvironment(None, Meter()), Mistakes()).template(text_of(source), NESTED)
    assert template
    return template


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("{% for colour in name %}{{ colour }}{{ ' and ' if not loop.last }}{% endfor %}", "red and blue"),
        ("{{ name | join(', ') }}, {{ name[0] }} of {{ name | length }}", "red, blue, red of 2"),
        ("{{ style.w }} {{ row.style['w'] }} {{ style.parts | first }}", "45 45 lid"),
        ("{{ name | tojson }} {{ style | tojson }}", '["red", "blue"] {"w": 45, "parts": ["lid"]}'),
        ("{{ 'red' in name }} {{ 'r' in name }} {{ 'some' if name }}", "True False some"),
        ("{{ style.w > 40 }} {{ name | select('ne', 'red') | join }}", "True blue"),
    ],
)
def test_a_list_of_a_row_stays_a_list(source: str, expected: str) -> None:
    assert of_lists(source).render(LISTED) == expected


@pytest.mark.parametrize(
    "use",
    ["{{ x }}", "a {{ x }}", "{{ x ~ '' }}", "{{ x | upper }}", "{{ '%s' % x }}", "{{ [x] | join }}", "{{ x | trim }}"],
)
@pytest.mark.parametrize(
    ("column", "kind", "cure"), [("name", "a list", "name | join(', ')"), ("style", "an object", "style.w")]
)
def test_a_list_of_a_row_is_an_error_where_a_text_belongs(use: str, column: str, kind: str, cure: str) -> None:
    with pytest.raises(RenderFault) as fault:
        of_lists(use.replace("x", column, 1)).render(LISTED)
    found = fault.value
    assert found.code == "MJ107"
    assert str(found) == f"`{column}` is {kind}, which has no text of its own"
    assert found.help == f"write `{cure}`, or `{column} | tojson` for JSON"


@pytest.mark.parametrize("use", ["name == 'red'", "'red' != name", "style is eq 'red'"])
def test_a_list_is_never_equal_to_a_text(use: str) -> None:
    with pytest.raises(RenderFault, match="is a list, which is never equal to a text"):
        of_lists(f"{{{{ {use} }}}}").render(LISTED)


@pytest.mark.parametrize(
    "use", ["name.append('x')", "name.pop()", "style.update({})", "style.pop('w')", "name.clear()"]
)
def test_a_template_cannot_change_a_row(use: str) -> None:
    with pytest.raises(RenderFault, match="is unsafe"):
        of_lists(f"{{{{ {use} }}}}").render(LISTED)


@pytest.mark.parametrize(
    ("arguments", "text", "expected"),
    [
        (r"'(?i)oak\\s*', ''", "Oak stool, OAK table", "stool, table"),
        (r"'\\s+', ' '", "a   b\n c", "a b c"),
        (r"'(\\w+), (\\w+)', '\\2 \\1'", "stool, oak", "oak stool"),
        (r"'\\pL+', 'x', 1", "größe größe", "x größe"),
        (r"'x*', '-'", "ab", "-a-b-"),
        (r"'[0-9]{2}', '#', count=2", "12 34 56", "# # 56"),
        (r"'(', ''", "a", "the regular expression cannot be used: missing ): ("),
        (r"'(?=a)', ''", "a", "the regular expression cannot be used: invalid perl operator: (?="),
        (r"'a', '\\3'", "a", "`regex_replace` has no such group: `\\3`"),
        ("'(ab?){999}c{999}d{999}', ''", "a", "the regular expression is too large"),
        ("'a' * 1001, ''", "a", "a regular expression has at most 1,000 characters here"),
        ("'a', 'b' * 2000", "a" * 100, "a template may produce at most 100000 characters"),
        ("'(a*)*b', ''", "a" * 1000, "a" * 1000),
        ("'', 'x'", "a" * 50_000, "it takes more than 100,000 steps"),
    ],
)
def test_what_a_regular_expression_matches_is_replaced(arguments: str, text: str, expected: str) -> None:
    template = compiled(f"{{{{ name | regex_replace({arguments}) }}}}")
    assert template
    try:
        said = template.render({"name": text})
    except RenderFault as fault:
        said = str(fault)
    assert said == expected


@pytest.mark.parametrize(
    ("source", "by"),
    [
        ("{% for tag in name %}{{ tag }}{% endfor %}", "a loop"),
        ("{% for tag in row.name if tag != ',' %}{{ tag }}{% endfor %}", "a loop"),
        ("{{ name | join(', ') }}", "`join`"),
    ],
)
def test_a_text_is_not_taken_apart_letter_by_letter(source: str, by: str) -> None:
    template = compiled(source)
    assert template
    with pytest.raises(RenderFault) as fault:
        template.render({"name": "red, blue"})
    assert str(fault.value) == f"`name` is text, which {by} would take letter by letter"
    assert fault.value.help == "write `name.split(',')`, for JSON `name | fromjson`, for letters `name | list`"
    assert template.render({"name": ""}) == ""


def test_what_takes_a_text_apart_on_purpose_may() -> None:
    assert rendered("{% for letter in 'ab' %}{{ letter }}.{% endfor %}{{ 'ab' | list | join('-') }}") == "a.b.a-b"
    assert (
        rendered("{% for part in 'a,b'.split(',') %}{{ part }}.{% endfor %}{{ name[0] }}{{ name | first }}") == "a.b.tt"
    )


@pytest.mark.parametrize(
    ("source", "cell", "advice"),
    [
        ("{{ name.w }}", '{"w": 45}', "the cell has JSON: write `(name | fromjson).w`"),
        ("{{ name.length }}", "oak", "write `… | length`"),
        ("{{ name.first_name }}", "oak", None),
    ],
)
def test_help_for_a_part_of_a_text_says_what_reads_it(source: str, cell: str, advice: str | None) -> None:
    template = compiled(source)
    assert template
    with pytest.raises(RenderFault, match="a text has no attribute") as fault:
        template.render({"name": cell})
    assert fault.value.help == advice


def test_a_number_is_not_repeated_as_a_text() -> None:
    template, dashes = compiled("{{ unit_price * 2 }}"), compiled("{{ name * 2 }}{{ 2 * '-' }}")
    assert template
    assert dashes
    with pytest.raises(RenderFault) as fault:
        template.render({"unit_price": "45"})
    assert (str(fault.value), fault.value.help) == (
        "`unit_price` is text, which `*` would repeat",
        "write `unit_price | number`",
    )
    assert dashes.render({"name": "ha"}) == "haha--"
    assert rendered("{{ unit_price | number * 2 }}") == "8"


def test_a_text_of_the_template_itself_may_be_repeated() -> None:
    assert rendered("{{ '0' * (4 - unit_price | length) }}{{ unit_price }}{{ 2 * '5' }}") == "000455"


@pytest.mark.parametrize(
    "use", ["striptags", "slug", "regex_replace('N', 'x')", "truth", "number(default=0)", "int(0)"]
)
def test_what_is_not_there_is_no_word(use: str) -> None:
    assert rendered(f"{{{{ vars.get('nothing') | {use} }}}}") in ("", "False", "0")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("{{ qty + 1 }}", "a text and a number cannot be added"),
        ("{{ qty * 1.5 }}", "a text cannot be multiplied"),
        ("{{ qty | abs }}", "a text has no absolute value"),
        ("{{ '%d' | format(qty) }}", "%d format: a real number is required, not str"),
    ],
)
def test_arithmetic_with_a_cell_names_the_filter_that_makes_a_number_of_it(plan: Plan, source: str, said: str) -> None:
    planned = plan(
        f"""
        inputs: {{rows: {{csv: rows.csv}}}}
        nodes: {{hero: {{kind: generate, for_each: [rows], params: {{prompt: "{source}"}}}}}}
        """,
        rows_csv="qty\n7\n",
    )
    assert [diagnostic.message for diagnostic in planned.diagnostics] == [
        f"the template fails: {said}; cells are text: convert them with `| number`"
    ]
