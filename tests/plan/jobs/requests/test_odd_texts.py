"""What is odd in a text that is sent gets one warning for each kind, at the cell."""

import pytest

from tests.plan.planning import Plan

PROMPT = """
    inputs: {rows: {csv: rows.csv, key: id}}
    nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: "a {{ name }} of {{ material }}"}}}
"""


def read_twice(text: str) -> str:
    """The text as a program shows it that takes its UTF-8 for Western text."""
    return "".join(bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in text.encode())


def warnings(plan: Plan, material: str) -> list[str]:
    cell = material.replace('"', '""')
    planned = plan(PROMPT, rows_csv=f'id,name,material\nA,cup,"{cell}"\n'.encode())
    assert all(not diagnostic.is_error for diagnostic in planned.diagnostics)
    assert [job.request["prompt"] for job in planned.jobs] == [f"a cup of {material}"]
    assert all(diagnostic.place.text for diagnostic in planned.diagnostics)
    return [line.removeprefix("rows.csv:2:7 ").split(" ", 1)[0] for line in planned.said()]


@pytest.mark.parametrize("word", ["nan", "NaN", "None", "null", "<NA>", "undefined", "[object Object]", "N/A"])
def test_a_cell_that_stands_for_nothing_is_not_sent_without_a_word(plan: Plan, word: str) -> None:
    assert warnings(plan, word) == ["MJ110"]


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!"])
def test_an_error_of_a_spreadsheet_is_not_sent_without_a_word(plan: Plan, error: str) -> None:
    assert warnings(plan, error) == ["MJ111"]


@pytest.mark.parametrize(
    "text", ["plate \ufffd", *map(read_twice, ("Café", "Müller", "it\u2019s", "12\u201314", "€ 5", "świat", "😀"))]
)
def test_a_damaged_text_is_not_sent_without_a_word(plan: Plan, text: str) -> None:
    assert warnings(plan, text) == ["MJ112"]


@pytest.mark.parametrize("text", ["<p>oak</p>", "oak<br/>", "a &amp; b", "45&nbsp;cm", "x &#39; y", '<b class="x">oak'])
def test_html_is_not_sent_without_a_word(plan: Plan, text: str) -> None:
    assert warnings(plan, text) == ["MJ113"]


@pytest.mark.parametrize("text", ["{{ brand }}", "{% if x %}", "{brand}", "oak }}"])
def test_braces_are_not_sent_without_a_word(plan: Plan, text: str) -> None:
    assert warnings(plan, text) == ["MJ114"]


@pytest.mark.parametrize(
    "text", ["{oak, ash}", "{oak, {ash, elm}}", "oak::2 ash::1", "oak:: ash", "oak \u2014ar 16:9", "oak \u2013tile"]
)
def test_syntax_of_midjourney_is_not_sent_without_a_word(plan: Plan, text: str) -> None:
    assert warnings(plan, text) == ["MJ115"]


@pytest.mark.parametrize(
    "text",
    [
        *("None other", "a banana", "nullified", "salt & pepper", "AT&T", "I <3 oak", "3 < 4 > 2", "ratio 1:1"),
        *(
            "Größe 4 \u2013 „Spaß“",
            "Spaß”",
            "à la carte",
            "20 °C",
            "CAFÉ”",
            "señor",
            "naïve",
            "“quoted”",
            "茶碗",
            "чашка",
        ),
        *('8" bowl', '12" x 16" print', "Total Eclipse", "None of the above", "#1 dad", "# 5 wrench", "50% off", "C++"),
        *("size 4:5", "& Co", "N/A size chart", "Null Island", "nan bread", "<Brand>", "R&D; labs", "“GRÖSSE Ä”", "©"),
        *("see https://a.example", "NA", "a - b", "Â is a letter", "½ Ø"),
    ],
)
def test_ordinary_text_gets_no_warning(plan: Plan, text: str) -> None:
    assert warnings(plan, text) == []


def test_what_is_not_sent_gets_no_warning(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv, key: id}}
        nodes:
          hero:
            kind: generate
            for_each: [rows]
            labels: {note: "{{ note }}"}
            params:
              prompt: "a {% if glaze != 'nan' %}{{ glaze }} {% endif %}{{ row['Body (HTML)'] | replace('<p>', '') }}"
        """,
        rows_csv="id,glaze,note,Body (HTML)\nA,nan,None,<p>cup\nB,blue,#REF!,bowl\n",
    )
    assert planned.said() == []


def test_each_kind_is_one_warning_with_a_count(plan: Plan) -> None:
    rows = "".join(f"{number},cup,{('nan', 'None', '#N/A', '<i>oak</i>')[number % 4]}\n" for number in range(400))
    planned = plan(PROMPT, rows_csv=f"id,name,material\n{rows}")
    assert [(diagnostic.code, diagnostic.count) for diagnostic in planned.diagnostics] == [
        ("MJ110", 200),
        ("MJ111", 100),
        ("MJ113", 100),
    ]


def test_a_prompt_that_begins_with_a_url_gets_a_warning_once_for_its_template(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv, key: id}}
        nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: "https://a.example/1.png {{ name }}"}}}
        """,
        rows_csv="id,name\nA,cup\nB,bowl\n",
    )
    assert planned.said() == ["campaign.yaml:5:68 MJ115 a prompt begins with a URL, which is only text to the service"]
    assert planned.diagnostics[0].count == 1


@pytest.mark.parametrize("field", ["speed", "aspect_ratio", "image_urls", "stylization"])
def test_a_param_that_takes_no_text_says_to_leave_the_cell_empty(plan: Plan, field: str) -> None:
    planned = plan(
        f"""
        inputs: {{rows: {{csv: rows.csv, key: id}}}}
        nodes: {{hero: {{kind: generate, for_each: [rows], params: {{prompt: a cup, {field}: "{{{{ x }}}}"}}}}}}
        """,
        rows_csv="id,x\nA,NaN\n",
    )
    assert [diagnostic.help for diagnostic in planned.diagnostics] == [
        "leave the cell empty: the param is then not given"
    ]


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("{brand}", "a template has two: `{{ brand }}`"),
        ("{brand name}", "a template has two: `{{ brand name }}`"),
        ('{"w": 3}', "leave them out if they are not meant"),
        ("{}", "leave them out if they are not meant"),
    ],
)
def test_braces_around_a_name_are_taken_for_half_a_template(plan: Plan, text: str, advice: str) -> None:
    planned = plan(PROMPT, rows_csv=f"id;name;material\nA;cup;'{text}'\n".encode())
    assert [diagnostic.help for diagnostic in planned.diagnostics] == [advice]
