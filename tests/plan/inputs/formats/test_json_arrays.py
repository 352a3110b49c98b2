"""JSON as services export it: an array of objects where JSON Lines are read."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.plan.inputs.formats.json_arrays import ArrayEntries
from tests.plan.planning import Plan

ROWS = """
    inputs: {cups: {jsonl: cups.json, key: sku}}
    nodes: {hero: {kind: generate, for_each: [cups], params: {prompt: "a {{ name }}", stylization: "{{ s }}"}}}
"""
CUPS = [{"sku": "T-1", "name": 'a "big" [jug], old]', "s": 1}, {"sku": "T-2", "name": "cup", "s": 2}]


@pytest.mark.parametrize("indent", [None, 2, 0])
def test_an_array_of_objects_is_read_as_its_lines_would_be(plan: Plan, indent: int | None) -> None:
    array = plan(ROWS, cups_json=json.dumps(CUPS, indent=indent))
    lines = plan(ROWS, cups_json="".join(f"{json.dumps(cup)}\n" for cup in CUPS))
    assert (array.diagnostics, lines.diagnostics) == ((), ())
    assert [(job.key, job.fingerprint) for job in array.jobs] == [(job.key, job.fingerprint) for job in lines.jobs]


def test_a_mistake_in_an_array_is_shown_at_its_line(plan: Plan) -> None:
    cups = [CUPS[0], {**CUPS[1], "s": "much"}]
    planned = plan(ROWS, cups_json=json.dumps(cups, indent=2))
    assert planned.said() == ["cups.json:10:5 MJ070 `stylization` takes a whole number, not `much`"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[{"sku": "a"},\n{"sku": "b"}\n', "cups.json:2:1 MJ055 the array is never closed"),
        ('[{"sku": "a"}]\n{"sku": "b"}\n', "cups.json:2:1 MJ055 something follows the end of the array"),
        ('[{"sku": "a"},\n2]\n', "cups.json:2:1 MJ055 the line is not an object"),
        ('[{"sku": "a"},\n{"sku" "b"}]\n', "cups.json:2:8 MJ055 the line is not JSON: expecting ':' delimiter"),
    ],
)
def test_a_fault_in_an_array_is_reported(plan: Plan, text: str, said: str) -> None:
    assert said in plan(ROWS, cups_json=text).said()


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(st.dictionaries(st.text(), VALUES, max_size=3), max_size=4), st.sampled_from([None, 0, 3]))
def test_the_entries_of_an_array_are_those_that_a_parser_finds(
    rows: list[dict[str, object]], indent: int | None
) -> None:
    entries = ArrayEntries(1)
    lines = json.dumps(rows, indent=indent).splitlines(keepends=True)
    found = [text for line in lines for _, text in entries.take(line)]
    entries.end()
    assert [json.loads(text) for text in found] == rows


ANSWER = '{"count": 2, "products": [{"sku": "T-1", "name": "jug"}, {"sku": "T-2", "name": "cup"}]}'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ANSWER, "campaign.yaml:4:40 MJ056 `key` of input `cups` names an unknown column `sku`"),
        (
            json.dumps(json.loads(ANSWER), indent=2),
            "cups.json:1:1 MJ055 the file is one JSON document, not an object on each line",
        ),
    ],
)
def test_rows_within_a_document_are_named(plan: Plan, text: str, said: str) -> None:
    planned = plan(ROWS, cups_json=text)
    assert planned.said() == [said]
    advice = "the rows stand in its list `products`: write that list alone into the file, such as with `jq .products`"
    assert planned.diagnostics[0].help == advice


@pytest.mark.parametrize("times", [1, 2])
def test_an_object_over_several_lines_is_named(plan: Plan, times: int) -> None:
    planned = plan(ROWS, cups_json='{\n  "sku": "T-1",\n  "name": "jug"\n}\n' * times)
    assert planned.said() == ["cups.json:1:1 MJ055 an object goes over several lines"]
    assert planned.diagnostics[0].help == "write each on one line, such as with `jq -c .`, or all as an array"


def test_a_row_may_have_a_list_of_objects(plan: Plan) -> None:
    text = '{"sku": "T-1", "name": "jug", "s": 1, "variants": [{"sku": "T-1a"}]}\n'
    assert plan(ROWS, cups_json=text).said() == []
