"""Rows from files: read as spreadsheets write them, and every fault reported at its line and column."""

import pytest

from tests.plan.planning import Plan

ROWS = """
    inputs: {rows: {csv: rows.csv}}
    nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: "{{ name }}"}}}
"""


def names(plan: Plan, rows: str | bytes, text: str = ROWS) -> list[object]:
    planned = plan(text, rows_csv=rows)
    assert planned.said() == []
    return [job.request["prompt"] for job in planned.jobs]


@pytest.mark.parametrize(
    "rows",
    [
        b"sku,name\nA,cat\nB,dog\n",
        b"sku,name\r\nA,cat\r\nB,dog\r\n",
        b"sku,name\rA,cat\rB,dog\r",
        b"\xef\xbb\xbfsku,name\nA,cat\nB,dog",
        b"sku;name\nA;cat\nB;dog\n",
        b"sku\tname\nA\tcat\nB\tdog\n",
        b"sku|name\nA|cat\nB|dog\n",
        b'"sku, or id";name;note\nA;cat;1\nB;dog;2\n',
        b"\n\nsku,name\n\nA,cat\n,\nB,dog\n\n",
        b",\n , \nsku,name\nA,cat\nB,dog\n",
        b' sku , name \nA,"cat"\nB,dog\n',
    ],
)
def test_a_file_is_read_as_spreadsheets_write_it(plan: Plan, rows: bytes) -> None:
    assert names(plan, rows) == ["cat", "dog"]


def test_cells_are_text_and_stay_as_they_are(plan: Plan) -> None:
    planned = plan(ROWS, rows_csv='name,zip,note\n"a ""big""\ncat, black",007," 1,5 "\n')
    assert planned.jobs[0].row == {"name": 'a "big"\ncat, black', "zip": "007", "note": " 1,5 "}


def test_an_encoding_can_be_said(plan: Plan) -> None:
    text = ROWS.replace("csv: rows.csv", "csv: rows.csv, encoding: windows-1252, delimiter: ';'")
    assert names(plan, "sku,x;name\nA;caf\u00e9\n".encode("cp1252"), text) == ["caf\u00e9"]


@pytest.mark.parametrize("encoding", ["utf-8", "UTF_8", "u8", "utf-8-sig"])
@pytest.mark.parametrize(("form", "rows"), [("csv", "name,sku\ncat,A\n"), ("jsonl", '{"sku": "A", "name": "cat"}\n')])
def test_utf_8_may_begin_with_a_mark(plan: Plan, form: str, rows: str, encoding: str) -> None:
    text = ROWS.replace("csv: rows.csv", f"{form}: rows.csv, encoding: {encoding}")
    assert names(plan, rows.encode("utf-8-sig"), text) == ["cat"]
    assert names(plan, rows, text) == ["cat"]


def test_a_header_is_a_variable_however_it_is_written(plan: Plan) -> None:
    text = ROWS.replace("{{ name }}", "{{ unit_price }} {{ row['unit price'] }} {{ row.unit_price }} {{ _2nd }}")
    planned = plan(text, rows_csv="unit price,2nd\n4,x\n")
    assert [job.request["prompt"] for job in planned.jobs] == ["4 4 4 x"]
    assert planned.jobs[0].row == {"unit price": "4", "2nd": "x"}


def test_a_column_with_a_taken_name_is_reached_through_row(plan: Plan) -> None:
    text = ROWS.replace("{{ name }}", "{{ row.key }} {{ row['none'] }} {{ row['image'] | upper }}")
    planned = plan(text, rows_csv="key,none,image\na,b,c\n")
    assert [job.request["prompt"] for job in planned.jobs] == ["a b C"]
    assert planned.said() == [
        "rows.csv:1:1 MJ060 column `key` of `rows` has a name that templates use for something else",
        "rows.csv:1:5 MJ060 column `none` of `rows` has a name that templates use for something else",
        "rows.csv:1:10 MJ060 column `image` of `rows` has a name that templates use for something else",
    ]
    assert planned.diagnostics[0].help == "write `row['key']` in templates"


def test_a_taken_name_is_undefined_with_a_hint(plan: Plan) -> None:
    planned = plan(ROWS.replace("{{ name }}", "{{ number }}"), rows_csv="number,b\n1,2\n")
    error = planned.diagnostics[0]
    assert (error.code, error.help) == ("MJ066", "write `row['number']`")


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("sku,name\nA,cat,x\n", "rows.csv:2:7 MJ053 the row has 3 cells, but the header names 2 columns"),
        ("sku,name\nA,cat\nB\n", "rows.csv:3:2 MJ053 the row has 1 cell, but the header names 2 columns"),
        ('sku,name\n"A\nA",cat,x\n', "rows.csv:3:8 MJ053 the row has 3 cells, but the header names 2 columns"),
        ("sku,name,sku\nA,cat,B\n", "rows.csv:1:10 MJ054 `rows.csv` has two columns named `sku`"),
        ("sku,,name\nA,cat,B\n", "rows.csv:2:3 MJ054 column 2 of `rows.csv` has a cell, and no name on line 1"),
        (
            "name,unit price,unit_price\nA,1,2\n",
            "rows.csv:1:17 MJ054 columns `unit price` and `unit_price` of `rows` are both the variable `unit_price`",
        ),
        ('sku,name\nA,"cat\nB,dog\n', "rows.csv:2:1 MJ052 the row cannot be read as CSV: unexpected end of data"),
        ('sku,name\nA,"cat"s\n', "rows.csv:2:1 MJ052 the row cannot be read as CSV: ',' expected after '\"'"),
        ("", "campaign.yaml:4:22 MJ050 `rows.csv` is empty"),
        ("\n,,\n", "campaign.yaml:4:22 MJ050 `rows.csv` is empty"),
        (b"sku,name\nA,cat\nB,caf\xe9\n", "rows.csv:3:6 MJ051 `rows.csv` is not UTF-8 from here on"),
    ],
)
def test_a_fault_in_a_file_is_reported_at_its_place(plan: Plan, rows: str | bytes, said: str) -> None:
    planned = plan(ROWS, rows_csv=rows)
    folder = str(planned.manifest.path.parent)
    assert [line.replace(f"{folder}/", "") for line in planned.said()] == [said]


def test_a_missing_file_is_an_error_and_the_other_nodes_go_on(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: gone.csv}, more: {jsonl: gone.jsonl}}
        nodes:
          hero: {kind: generate, for_each: [rows], params: {prompt: "{{ name }}"}}
          next: {kind: generate, for_each: [more], params: {prompt: "{{ name }}"}}
          follow: {kind: upscale, from: hero, images: [0], params: {type: "{{ anything }}"}}
          cover: {kind: generate, params: {prompt: a cat}}
        """
    )
    folder = planned.manifest.path.parent
    assert planned.said() == [
        f"campaign.yaml:4:22 MJ050 `{folder}/gone.csv` does not exist",
        f"campaign.yaml:4:47 MJ050 `{folder}/gone.jsonl` does not exist",
    ]
    assert planned.keys == ["cover"]


def test_an_input_without_rows_is_strange(plan: Plan) -> None:
    planned = plan(ROWS, rows_csv="sku,name\n")
    assert planned.said() == ["campaign.yaml:4:10 MJ061 input `rows` has no rows"]
    assert not planned.diagnostics[0].is_error


def test_an_unknown_key_column_is_an_error(plan: Plan) -> None:
    planned = plan(ROWS.replace("csv: rows.csv", "csv: rows.csv, key: skuu"), rows_csv="sku,name\nA,cat\n")
    assert planned.said() == ["campaign.yaml:4:37 MJ056 `key` of input `rows` names an unknown column `skuu`"]
    assert planned.diagnostics[0].help == "did you mean `sku`?"


def test_two_rows_of_one_key_are_an_error_that_names_both(plan: Plan) -> None:
    planned = plan(
        ROWS.replace("csv: rows.csv", "csv: rows.csv, key: sku"), rows_csv="name,sku\ncat,A\ndog,B\nfox,A\nhen,A\n"
    )
    assert planned.said() == ["rows.csv:4:5 MJ057 two rows of `rows` have the same key"]
    assert planned.diagnostics[0].also == 1
    folder = planned.manifest.path.parent
    assert planned.diagnostics[0].help == f"the row at {folder}/rows.csv:2 has the key `A` too: add a column to `key`"


def test_rows_without_key_columns_are_named_by_their_cells(plan: Plan) -> None:
    keys = plan(ROWS, rows_csv="sku,name\nA,cat\nB,dog\n").keys
    assert [len(key) for key in keys] == [len("hero/12345678")] * 2
    assert plan(ROWS, rows_csv="name,sku\ndog,B\ncat,A\n").keys == keys[::-1]
    twice = plan(ROWS, rows_csv="sku,name\nA,cat\nA,cat\n")
    assert twice.said() == ["rows.csv:3:1 MJ057 two rows of `rows` have the same key"]


def test_one_column_in_two_inputs_is_an_error(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv}, looks: {matrix: {name: [a, b]}}}
        nodes:
          hero: {kind: generate, for_each: [rows, looks], params: {prompt: "{{ name }}"}}
        """,
        rows_csv="sku,name\nA,cat\n",
    )
    assert planned.said() == ["campaign.yaml:6:26 MJ058 node `hero` gets `name` twice: `looks` has it too"]


def test_json_lines_have_the_columns_of_all_lines(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {jsonl: rows.jsonl, key: sku}}
        nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: "{{ name }} {{ price }}", is_hd: "{{ hd }}"}}}
        """,
        rows_jsonl="""\
        {"sku": 7, "name": "cat", "price": 1.50}

        {"sku": "B", "name": "dog", "hd": true, "x": [1, {"a": 2.0}], "n": null}
        """,
    )
    assert planned.diagnostics == ()
    assert [job.request["prompt"] for job in planned.jobs] == ["cat 1.50", "dog"]
    assert planned.jobs[1].row == {
        "sku": "B",
        "name": "dog",
        "price": "",
        "hd": "true",
        "x": '[1, {"a": 2.0}]',
        "n": "",
    }
    assert planned.keys == ["hero/7", "hero/B"]


def test_an_empty_file_of_json_lines_is_an_error(plan: Plan) -> None:
    planned = plan(ROWS.replace("csv: rows.csv", "jsonl: rows.jsonl"), rows_jsonl="\n")
    assert planned.said() == [f"campaign.yaml:4:24 MJ050 `{planned.manifest.path.parent}/rows.jsonl` is empty"]


def test_each_wrong_line_of_json_is_reported(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {jsonl: rows.jsonl, key: sku}}
        nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: "{{ name }}", sv: "{{ sv }}"}}}
        """,
        rows_jsonl="""\
        {"sku": "A", "name": "cat"
        [1]
        {"sku": "A", "sku": "B"}
        {"sku": "C", "name": "dog", "sv": "x"}
        """,
    )
    assert planned.said() == [
        "rows.jsonl:1:27 MJ055 the line is not JSON: expecting ',' delimiter",
        "rows.jsonl:2:1 MJ055 the line is not an object",
        "rows.jsonl:3:1 MJ055 a name appears twice in the line",
        "rows.jsonl:4:29 MJ070 `sv` takes a whole number, not `x`",
    ]


def test_a_where_that_fails_is_reported_once(plan: Plan) -> None:
    planned = plan(
        ROWS.replace("csv: rows.csv", 'csv: rows.csv, where: "name | int / sku | int > 1"'),
        rows_csv="sku,name\n0,1\n1,2\n0,3\n",
    )
    assert planned.said() == ["campaign.yaml:4:40 MJ067 `where` fails: division by zero"]
    assert planned.diagnostics[0].also == 1
    assert len(planned.jobs) == 1


def test_a_where_with_braces_or_an_unknown_name_is_an_error(plan: Plan) -> None:
    text = """
        inputs:
          a: {rows: [{x: 1}], key: x, where: "{{ x == '1' }}"}
          b: {rows: [{y: 1}], key: y, where: "stok != '0'"}
        nodes:
          hero: {kind: generate, for_each: [a, b], params: {prompt: c}}
        """
    assert plan(text).said() == [
        "campaign.yaml:5:39 MJ065 an expression has no braces",
        "campaign.yaml:6:39 MJ066 `stok` is not defined here",
    ]
