"""Whatever a template does, it ends: with its text, or with a diagnostic that is the same each time."""

import os
from pathlib import Path

import pytest

from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.templates.jinja.metering import STEPS_IN_STOCK, STEPS_PER_RENDERING, Meter, OutOfSteps
from mjpipe.plan.templates.values.bounds import DEPTH_LIMIT, STEP_LIMIT
from tests.plan.planning import Plan
from tests.plan.templates.test_templates import INCLUDING, compiled, rendered

TOO_MANY_STEPS = "it takes more than 100,000 steps"
TOO_LONG = "a template may produce at most 100000 characters"
TOO_DEEP = "macros, loops or included files call each other more than 30 deep"
TOO_LARGE = "a number is too large"
NESTED = "it is nested too deeply"
NOT_A_NUMBER = "only a number is odd, even or divisible: convert the text with `| int`"


def doubled(value: str, twice: str, use: str) -> str:
    """A template that doubles a value 25 times, by an expression in which it is `x`, and then uses it."""
    steps = f"{{% for i in range(25) %}}{{% set ns.x = {twice.replace('x', 'ns.x')} %}}{{% endfor %}}"
    return f"{{% set ns = namespace(x={value}) %}}{steps}{{{{ {use.replace('x', 'ns.x')} }}}}"


def loops(*heads: str) -> str:
    return "".join(f"{{% for {head} %}}" for head in heads) + "{% endfor %}" * len(heads)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (loops("a in range(1000)", "b in range(1000)", "c in range(1000)"), TOO_MANY_STEPS),
        (loops("a in range(1000)", "b in range(1000) if false"), TOO_MANY_STEPS),
        ("{% for i in [1, 2] recursive %}{{ loop([1, 2]) }}{% endfor %}", TOO_DEEP),
        ("{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}", TOO_DEEP),
        ("{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(25) }}", TOO_MANY_STEPS),
        ("{% macro m() %}{{ 'x' * 1000 }}{{ m() }}{% endmacro %}{{ m() }}", TOO_DEEP),
        ("{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}", TOO_DEEP),
        ("{% block a %}{{ self.a() }}{% endblock %}", TOO_DEEP),
        (doubled("[1]", "x + x", "x"), TOO_LONG),
        (doubled("'a'", "x + x", "x"), TOO_LONG),
        (doubled("'a'", "x ~ x", "x"), TOO_LONG),
        (doubled("7", "x * x", "x"), TOO_LARGE),
        (doubled("'a'", "[x, x]", "x | tojson"), TOO_MANY_STEPS),
        (doubled("'a'", "dict(a=x, b=x)", "x | tojson | length"), TOO_MANY_STEPS),
        (doubled("'a'", "[x, x]", "x == x"), TOO_MANY_STEPS),
        (doubled("'a'", "(x, x)", "{x: 1}"), TOO_MANY_STEPS),
        (doubled("'a'", "(x, x)", "vars[x]"), TOO_MANY_STEPS),
        (doubled("'a'", "(x, x)", "[1] | select('in', x)"), TOO_MANY_STEPS),
        ("{% set x %}{% for i in range(1000) %}{{ 'x' * 1000 }}{% endfor %}{% endset %}", TOO_LONG),
        ("{{ (['x' * 100000] * 100) | tojson | length }}", TOO_MANY_STEPS),
        ("{{ 'x' * 10 ** 9 }}", TOO_LONG),
        ("{{ 10 ** 9 * 'x' }}", TOO_LONG),
        ("{{ [1] * 10 ** 9 }}", TOO_LONG),
        ("{{ 10 ** (10 ** 10) }}", TOO_LARGE),
        ("{{ 1.5 | round(10 ** 9, 'ceil') }}", "`round` takes at most 100 digits"),
        ("{{ 'x' | round(9, 'ceil') }}", "`round` takes a number: convert the text with `| float`"),
        ("{{ '%999999999d' is odd }}", NOT_A_NUMBER),
        ("{{ '%999999999d' is divisibleby 3 }}", NOT_A_NUMBER),
        ("{{ range(10 ** 7) | join }}", "a range has at most 1000 numbers here"),
        ("{{ ('x' * 50000) | replace('x', 'xxxx') }}", TOO_LONG),
        ("{{ ('x' * 50000).replace('x', 'xxxx') }}", TOO_LONG),
        ("{{ ('x' * 50000).join(range(900)) }}", TOO_LONG),
        ("{{ range(900) | join('x' * 50000) }}", TOO_LONG),
        ("{{ '7'.zfill(10 ** 9) }}", TOO_LONG),
        ("{{ '%999999999d' % 7 }}", TOO_LONG),
        ("{{ '%(a)999999999d' % {'a': 7} }}", TOO_LONG),
        ("{{ ('%(a)s' * 10000) % {'a': 'x' * 90000} }}", TOO_LONG),
        ("{{ '%*d' % (999999999, 7) }}", TOO_LONG),
        ("{{ '%999999999d' | format(7) }}", TOO_LONG),
        ("{{ ('a' * 100000).strip('b' * 99999 ~ 'a') }}", TOO_MANY_STEPS),
        ("{{ ('a' * 50000).rfind('b' ~ 'a' * 25000) }}", TOO_MANY_STEPS),
        ("{% for i in range(1000) %}{{ ('a ' * 50000) | title | length }}{% endfor %}", TOO_MANY_STEPS),
        ("{% for i in range(1000) %}{{ range(1000) | sort | length }}{% endfor %}", TOO_MANY_STEPS),
        ("{% set x = ('f' * 90000) | int(base=16) %}{{ x // (x // 7) }}", TOO_MANY_STEPS),
        ("{% set ns = namespace(x=1) %}" + loops("i in range(99)") + "{{ [ns, ns.x] | join }}", "a namespace1"),
        ("{{ '{:>999999999}'.format(7) }}", "access to attribute `format` of `str` object is unsafe"),
        ("{{ ''.__class__ }}", "access to attribute `__class__` of `str` object is unsafe"),
        ("{{ dict(a=1).pop('a') }}", "access to attribute `pop` of `dict` object is unsafe"),
        ("{{ brand.encode() }}", "access to attribute `encode` of `str` object is unsafe"),
        ("{{ [brand | map('upper')] | join }}", "a series of values is not text: use `| join`"),
        ("{{ [brand.upper] | join }}", "`upper` is a method: write `upper()`"),
    ],
)
def test_what_a_template_does_is_bounded(source: str, message: str) -> None:
    mistakes = Mistakes()
    template = compiled(source, mistakes)
    shown = [f"{found.place}: {found.code} {found.message}" for found in mistakes.diagnostics()]
    if shown:
        assert shown == [f"m.yaml:5:3: MJ067 the template fails: {message}"]
    else:
        assert template
        assert template.constant == message


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (loops(*["x in y"] * 25), NESTED),
        ("{% if 1 %}" * 100 + "{% endif %}" * 100, NESTED),
        ("{% set a %}" * 20 + "{% endset %}" * 20, NESTED),
        ("{{ " + "(" * 500 + "1" + ")" * 500 + " }}", NESTED),
        ("{{ " + "not " * 500 + "1 }}", NESTED),
        ("{{ " + "1 if 0 else " * 500 + "1 }}", NESTED),
        ("{{ " + " or ".join(["1"] * 500) + " }}", NESTED),
        ("{{ 1" + " | string" * 500 + " }}", NESTED),
        ("{{ vars" + ".a" * 500 + " }}", NESTED),
        ("{{ 0x" + "f" * 9000 + " }}", TOO_LARGE),
        ("{{ " + "9" * 9000 + " }}", "a number has too many digits"),
        ("{{ 1e999 }}", TOO_LARGE),
        ("{{ dict(a=1, a=2) }}", "keyword argument repeated: a"),
        ("x" * 100_001, "it has more than 100,000 characters"),
        ("{{ 1 }}" * 5000, "it has more than 10,000 words and signs of code"),
    ],
)
def test_what_is_too_long_or_too_deep_to_compile_is_reported(source: str, message: str) -> None:
    mistakes = Mistakes()
    assert compiled(source, mistakes) is None
    assert [found.message for found in mistakes.diagnostics()] == [f"the template is wrong: {message}"]


def test_there_is_room_for_what_people_write() -> None:
    assert rendered(" or ".join(["name == 'a'"] * 90).join(["{{ ", " }}"])) == "False"
    assert rendered(loops(*["x in [1]"] * 15).replace("{% endfor %}", "x{% endfor %}", 1)) == "x"
    assert rendered("{{ " + "[" * 15 + "1" + "]" * 15 + " | tojson }}") == "[" * 15 + "1" + "]" * 15
    choice = "{% if name == 'a' %}" + "".join(f"{{% elif name == '{n}' %}}{n}" for n in range(500))
    assert rendered(f"{choice}{{% else %}}other{{% endif %}}") == "other"
    assert rendered("{% for a in range(90) %}{% for b in range(90) %}x{% endfor %}{% endfor %}") == "x" * 8100


def test_names_are_found_in_a_text_full_of_open_braces() -> None:
    mistakes = Mistakes()
    compiled("{% raw %}" + "{{" * 45_000 + "{% endraw %}{% if nmae %}{% endif %}", mistakes)
    assert [(found.place.column, found.message) for found in mistakes.diagnostics()] == [
        (90_030, "`nmae` is not defined here")
    ]


def test_of_many_unknown_names_some_are_reported() -> None:
    mistakes = Mistakes()
    compiled("".join(f"{{{{ a{number} }}}}" for number in range(300)), mistakes)
    assert mistakes.errors == 30


def test_each_rendering_has_its_steps_and_all_together_a_stock() -> None:
    meter = Meter()
    for _ in range(2 * STEPS_IN_STOCK // STEPS_PER_RENDERING):
        meter.begin()
        meter.spend(STEPS_PER_RENDERING)
    for _ in range(STEPS_IN_STOCK // (STEP_LIMIT - STEPS_PER_RENDERING)):
        meter.begin()
        meter.spend(STEP_LIMIT)
    meter.begin()
    with pytest.raises(OutOfSteps, match="more than 1,000 steps on average"):
        meter.spend(STEP_LIMIT)
    meter.begin()
    meter.spend(STEPS_PER_RENDERING)


def test_a_heavy_template_of_many_rows_is_reported_once_and_then_left_alone(plan: Plan) -> None:
    heavy = loops("a in range(300)", "b in range(300)")
    planned = plan(
        f"""
        inputs: {{rows: {{csv: rows.csv, key: n}}}}
        nodes:
          hero: {{kind: generate, for_each: [rows], params: {{prompt: "cup {{{{ n }}}} {heavy}"}}}}
          light: {{kind: generate, for_each: [rows], params: {{prompt: "cup {{{{ n | upper }}}}"}}}}
        """,
        rows_csv="n\n" + "".join(f"{number}\n" for number in range(2000)),
    )
    message = "the templates take more than 1,000 steps on average, and have used up 500,000 beyond that"
    assert planned.said() == [f"campaign.yaml:6:62 MJ067 the template fails: {message}"]
    assert planned.diagnostics[0].help == f"in the row `5` ({planned.manifest.path.parent}/rows.csv:7)"
    assert [sum(job.node == node for job in planned.jobs) for node in ("hero", "light")] == [5, 2000]


@pytest.mark.parametrize(
    ("file", "message"),
    [
        ("pipe.txt", "`pipe.txt` cannot be read: it is a named pipe, not a file"),
        ("sparse.txt", "`sparse.txt` cannot be read: it is larger than 100 KB"),
        ("nested.txt", "`nested.txt`, line 1: it is nested too deeply"),
        ("wide.txt", "`wide.txt`: keyword argument repeated: a"),
        ("chain-0.txt", "`chain-30.txt` is included more than 30 files deep"),
    ],
)
def test_an_included_file_is_bounded_as_a_template_is(plan: Plan, tmp_path: Path, file: str, message: str) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    with (tmp_path / "sparse.txt").open("wb") as sparse:
        sparse.truncate(1 << 30)
    (tmp_path / "nested.txt").write_text(loops(*["x in y"] * 25))
    (tmp_path / "wide.txt").write_text("{{ dict(a=1, a=2) }}")
    for number in range(40):
        (tmp_path / f"chain-{number}.txt").write_text(f"{{% include 'chain-{number + 1}.txt' %}}")
    (tmp_path / "chain-40.txt").write_text("end")
    planned = plan(INCLUDING.replace("FILE", file), rows_csv="name\ncup\n")
    assert planned.said() == [f"campaign.yaml:5:71 MJ065 the template is wrong: {message}"]


def test_files_that_include_each_other_twice_are_read_once_and_run_out_of_steps(plan: Plan, tmp_path: Path) -> None:
    for number in range(25):
        (tmp_path / f"{number}.txt").write_text(f"{{% include '{number + 1}.txt' %}}" * 2)
    (tmp_path / "25.txt").write_text("cup")
    planned = plan(INCLUDING.replace("FILE", "0.txt"), rows_csv="name\ncup\n")
    assert planned.said() == [f"campaign.yaml:5:68 MJ067 the template fails: {TOO_MANY_STEPS}"]


def test_a_file_that_only_a_row_names_is_bounded_too(plan: Plan, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    (tmp_path / "itself.txt").write_text("{% include row.name %}")
    (tmp_path / "import.txt").write_text("{% import 'itself.txt' as x %}")
    planned = plan(INCLUDING.replace("'FILE'", "name"), rows_csv="name\npipe.txt\nitself.txt\nimport.txt\n")
    assert planned.said() == [
        "campaign.yaml:5:68 MJ067 the template fails: " + message
        for message in (
            "`import` cannot be used in a manifest",
            "`pipe.txt` cannot be read: it is a named pipe, not a file",
            TOO_DEEP,
        )
    ]


def test_as_deep_as_may_be_is_not_too_deep_for_python(plan: Plan, tmp_path: Path) -> None:
    (tmp_path / "deep.txt").write_text("{{ " + "[" * 19 + "1" + "]" * 19 + " | length }}")
    macro = "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{% else %}{% include name %}{% endif %}{% endmacro %}"
    planned = plan(
        f"""
        inputs: {{rows: {{csv: rows.csv, key: name}}}}
        nodes:
          hero: {{kind: generate, for_each: [rows], params: {{prompt: "{macro}cup {{{{ m({DEPTH_LIMIT - 2}) }}}}"}}}}
        """,
        rows_csv="name\ndeep.txt\n",
    )
    assert planned.said() == []
    assert [job.request["prompt"] for job in planned.jobs] == ["cup 1"]


def test_json_of_a_template_is_bounded(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv, key: n}}
        nodes:
          fix:
            kind: edit
            for_each: [rows]
            params: {prompt: a cup, image_urls: [https://example.com/1.png], mask: "{{ json }}"}
        """,
        rows_csv="n,json\n" + "".join(f'{depth},"{{""a"": {"[" * depth}{"]" * depth}}}"\n' for depth in (900, 40)),
    )
    assert planned.said() == ["rows.csv:2:5 MJ082 `mask` is not valid JSON"]
    assert planned.keys == ["fix/40"]
