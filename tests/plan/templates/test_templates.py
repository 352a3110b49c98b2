"""Templates: checked before rows are read, the same with and without Jinja, and bounded."""

from pathlib import Path

import jinja2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mjpipe.domain import Place
from mjpipe.manifest import Text
from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.templates.compiler import Compiler
from mjpipe.plan.templates.jinja.environment import BoundedEnvironment
from mjpipe.plan.templates.jinja.metering import Meter
from mjpipe.plan.templates.names.scope import Scope
from mjpipe.plan.templates.template import Template
from mjpipe.plan.templates.values.bounds import OUTPUT_LIMIT
from tests.plan.planning import Plan

SCOPE = Scope(
    variables=frozenset({"name", "style", "unit_price"}),
    columns=frozenset({"name", "style", "unit price", "unit_price", "key"}),
    vars={"brand": "Kiln % {works}", "style": "hidden", "key": "hidden too"},
    why_unavailable={"key": "write `row['key']`"},
)
VALUES = {"name": "te%s {pot}", "style": "studio", "unit price": "4", "unit_price": "4", "key": "K"}


def compiled(source: str, mistakes: Mistakes | None = None) -> Template | None:
    compiler = Compiler(BoundedEnvironment(None, Meter()), mistakes or Mistakes())
    return compiler.template(text_of(source), SCOPE)


def text_of(source: str) -> Text:
    lines = tuple(
        Place(file="m.yaml", line=5 + n, column=3, text=f"  {text}") for n, text in enumerate(source.split("\n"))
    )
    return Text(source, lines)


def rendered(source: str) -> str:
    template = compiled(source)
    assert template
    return template.render(VALUES)


PIECES = st.sampled_from(
    [
        "{{ name }}",
        "{{style}}",
        "{{ unit_price }}",
        "{{ row['unit price'] }}",
        "{{ row.name }}",
        "{{ row.key }}",
        "{{ brand }}",
        "{{ vars.style }}",
        "{{- name -}}",
        "{# a remark #}",
        "{{ 'quoted' }}",
        "{{ name | upper }}",
        "{% if name %}yes{% endif %}",
        "{{ (name ~ ', ' ~ style).split(',') | map('trim') | join('+') }}",
        "{% for part in name.split() if part != style %}{{ loop.index }}{{ part[:2] }}{% else %}none{% endfor %}",
        "{% macro twice(text) %}{{ text }}{{ text }}{% endmacro %}{{ twice(name[0]) }}",
        "{{ style in name or ('x', 1) == ('x', 2 - 1) or 'stu' in style }}",
        "{% set list = ['b', 'a'] %}{{ list | sort | first }}{{ (list + [unit_price]) | join }}{{ {'k': list}.k[-1] }}",
        "{% set seen %}{{ style | title }}{% endset %}{{ seen | replace('S', 's') }}",
        "{% set each = ['a', 'b'] | select('in', 'abc') %}{{ each | join }}{{ each | join }}{{ 'yes' if each }}",
        "{{ '%s of %d' % (style, 3) }}{{ 7 // 2 * 2.5 }}{{ -2 ** 3 }}{{ 3 is odd }}{{ 2.5 is odd }}",
        "100 %",
        "{ }",
        "%s",
        "é\n",
        " ",
    ]
)


@settings(deadline=None)  # each compiles two templates
@given(st.lists(PIECES, max_size=6).map("".join))
def test_a_template_renders_as_jinja_would(source: str) -> None:
    plain = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(source)
    brand = {"brand": SCOPE.vars["brand"]}
    assert rendered(source) == plain.render(**brand, **VALUES, row=VALUES, vars=SCOPE.vars)


@pytest.mark.parametrize(
    ("source", "whole", "constant"),
    [
        ("{{ name }}", "name", None),
        ("a {{ name }}", None, None),
        ("{{ row['unit price'] }}", "unit price", None),
        ("{{ brand }} and {{ vars.style }}", None, "Kiln % {works} and hidden"),
        ("{{ brand | upper }}", None, "KILN % {WORKS}"),
        ("plain", None, "plain"),
    ],
)
def test_what_a_template_depends_on_is_known(source: str, whole: str | None, constant: str | None) -> None:
    template = compiled(source)
    assert template
    assert (template.whole, template.constant) == (whole, constant)


@pytest.mark.parametrize(
    ("source", "place", "message", "advice"),
    [
        ("a {{ nmae }}", "5:8", "`nmae` is not defined here", "did you mean `name`?"),
        ("nmae\nis {{ name }} {{ nmae }}", "6:20", "`nmae` is not defined here", "did you mean `name`?"),
        ("{{ row['nmae'] }}", "5:11", "`row` has no `nmae` here", "did you mean `name`?"),
        ("{{ vars.brandd }}", "5:11", "`vars` has no `brandd` here", "did you mean `brand`?"),
        ("{{ key }}", "5:6", "`key` is not defined here", "write `row['key']`"),
        ("{{ image }}", "5:6", "`image` is not defined here", "`image` exists only in `outputs.path`"),
        ("{{ source.key }}", "5:6", "`source` is not defined here", "only a node with `from` has a source"),
        ("{% if nmae %}{% endif %}", "5:9", "`nmae` is not defined here", "did you mean `name`?"),
        ("{{ nmae | default('x') }}", "5:6", "`nmae` is not defined here", "did you mean `name`?"),
        (
            "{% import 'x' as y %}",
            "5:6",
            "`import` cannot be used in a manifest",
            "use `{% include %}` to bring in a text",
        ),
    ],
)
def test_an_unknown_name_is_reported_where_it_stands(source: str, place: str, message: str, advice: str) -> None:
    mistakes = Mistakes()
    assert compiled(source, mistakes) is None
    (diagnostic,) = mistakes.diagnostics()
    assert (str(diagnostic.place), diagnostic.message, diagnostic.help) == (f"m.yaml:{place}", message, advice)


@pytest.mark.parametrize(
    ("source", "place", "message"),
    [
        ("a\n{{ name", "6:3", "`{{` or `{%` is not closed"),
        ("{{ name upper }}", "5:11", "got `upper` where the braces should close"),
        ("{% fi %}", "5:6", "encountered unknown tag `fi`"),
        ("{{ name | shout }}", "5:13", "no filter named `shout`"),
        ("{{ name | random }}", "5:13", "no filter named `random`"),
    ],
)
def test_a_malformed_template_is_reported_where_it_stands(source: str, place: str, message: str) -> None:
    mistakes = Mistakes()
    assert compiled(source, mistakes) is None
    (diagnostic,) = mistakes.diagnostics()
    assert (str(diagnostic.place), diagnostic.message) == (f"m.yaml:{place}", f"the template is wrong: {message}")


def test_folded_text_knows_its_lines(plan: Plan) -> None:
    planned = plan(
        """
        nodes:
          hero:
            kind: generate
            params:
              prompt: >-
                a photograph of style
                and {{ vars.x }} {{ style }}
        """
    )
    assert planned.said() == [
        "campaign.yaml:10:21 MJ066 `vars` has no `x` here",
        "campaign.yaml:10:29 MJ066 `style` is not defined here",
    ]


def test_usual_templates_are_not_hindered() -> None:
    assert rendered("{{ '%03d' | format(7) }} {{ 'a' ~ 1 }} {{ '7'.zfill(3) }}") == "007 a1 007"
    assert rendered("{{ name.replace('te', 'TE') | title }}") == "Te%s {Pot}"
    assert rendered("{% for column, cell in row.items() %}{{ column }}={{ cell }},{% endfor %}").startswith("name=te%s")
    assert rendered("{{ ['b', 'a'] | sort | join('-') }}{{ {'x': 1} | tojson }}") == 'a-b{"x": 1}'
    assert len(rendered("{{ 'x' * " + str(OUTPUT_LIMIT) + " }}")) == OUTPUT_LIMIT


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("{{ brand.upper }}", "`upper` is a method: write `upper()`"),
        ("{{ vars.items }}", "`items` is a method: write `items()`"),
        ("{{ 'x' ~ brand.upper }}", "`upper` is a method: write `upper()`"),
        ("{{ [brand] | map('upper') }}", "a series of values is not text: use `| join`"),
        ("{{ vars.values() }}", "a series of values is not text: use `| join`"),
    ],
)
def test_what_has_no_text_of_its_own_is_an_error(source: str, message: str) -> None:
    mistakes = Mistakes()
    compiled(source, mistakes)
    assert [diagnostic.message for diagnostic in mistakes.diagnostics()] == [f"the template fails: {message}"]


def test_none_is_nothing() -> None:
    assert rendered("a{{ none }}{{ vars.get('nothing') }}b{{ 'c' ~ vars.get('nothing') }}") == "abc"


def test_a_column_hides_vars_and_a_method_hides_no_column() -> None:
    template = compiled("{{ row.key }} {{ row.items | upper }}")
    assert template is None or template.render({**VALUES, "items": "seven"}) == "K SEVEN"
    assert rendered("{{ style | upper }}") == "STUDIO"


def test_a_column_may_be_called_as_a_method_is(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv}}
        nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: "{{ row.items }} {{ row.values | upper }}"}}}
        """,
        rows_csv="items,values\nseven,few\n",
    )
    assert [job.request["prompt"] for job in planned.jobs] == ["seven FEW"]


def test_a_template_that_fails_for_rows_is_reported_once(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv, key: name}}
        nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: "{{ 1 / (n | int) }}"}}}
        """,
        rows_csv="name,n\nA,0\nB,1\nC,0\n",
    )
    assert planned.said() == ["campaign.yaml:5:68 MJ067 the template fails: division by zero"]
    assert planned.diagnostics[0].also == 1
    assert planned.diagnostics[0].help == f"in the row `A` ({planned.manifest.path.parent}/rows.csv:2)"
    assert planned.keys == ["hero/B"]


INCLUDING = """
    inputs: {rows: {csv: rows.csv, key: name}}
    nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: "{% include 'FILE' %}"}}}
"""


def test_files_below_the_manifest_can_be_included(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "prompts").mkdir()
    (tmp_path / "prompts" / "hero.txt").write_text("a {{ name }} by {{ row.maker }}\n")
    planned = plan(INCLUDING.replace("FILE", "prompts/hero.txt"), rows_csv="name,maker\ncup,me\n")
    assert [job.request["prompt"] for job in planned.jobs] == ["a cup by me"]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("../secret.txt", "`../secret.txt` is outside the folder of the manifest"),
        ("/etc/passwd", "`/etc/passwd` is outside the folder of the manifest"),
        ("link.txt", "`link.txt` is outside the folder of the manifest"),
        ("gone.txt", "`gone.txt` does not exist"),
        (".", "`.` cannot be read: is a directory"),
        ("western.txt", "`western.txt` is not UTF-8"),
        ("wrong.txt", "`wrong.txt`, line 1: `nmae` is not defined here"),
        ("circle.txt", "`circle.txt` includes itself"),
        ("broken.txt", "`broken.txt`, line 1: unexpected `}`"),
    ],
)
def test_other_files_cannot_be_included(plan: Plan, tmp_path: Path, file: str, message: str) -> None:
    outside = tmp_path.parent / "secret.txt"
    outside.write_text("secret")
    (tmp_path / "link.txt").symlink_to(outside)
    (tmp_path / "circle.txt").write_text("{% include 'circle.txt' %}")
    (tmp_path / "wrong.txt").write_text("{{ nmae }}")
    (tmp_path / "western.txt").write_bytes(b"caf\xe9")
    (tmp_path / "broken.txt").write_text("{{ } }}")
    planned = plan(INCLUDING.replace("FILE", file), rows_csv="name,maker\ncup,me\n")
    assert [diagnostic.message for diagnostic in planned.diagnostics] == [f"the template is wrong: {message}"]
    assert planned.jobs == []


def test_a_file_may_be_missing_when_the_template_says_so(plan: Plan) -> None:
    planned = plan(
        """
        nodes:
          hero: {kind: generate, params: {prompt: "a cup{% include 'gone.txt' ignore missing %}"}}
          next: {kind: generate, params: {prompt: "a cup{% include '../gone.txt' ignore missing %}"}}
        """
    )
    assert [job.request["prompt"] for job in planned.jobs] == ["a cup"]
    assert planned.said() == [
        "campaign.yaml:6:52 MJ065 the template is wrong: `../gone.txt` is outside the folder of the manifest"
    ]
