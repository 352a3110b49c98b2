"""What is wrong with rows, and where it is reported."""

import pytest

from mjpipe.contract import PROMPT_CHARACTERS
from tests.plan.planning import Plan

GENERATE = """
    inputs:
      rows: {{csv: rows.csv, key: id}}
    nodes:
      hero:
        kind: generate
        for_each: [rows]
        params: {{prompt: "a {{{{ name }}}}", {params}}}
"""


ONE_CELL = """
    inputs: {rows: {csv: rows.csv}}
    nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: "{{ name }}"}}}
"""


@pytest.mark.parametrize(
    ("param", "cell", "said"),
    [
        ("stylization", "lots", "MJ070 `stylization` takes a whole number, not `lots`"),
        ("stylization", "2.5", "MJ070 `stylization` takes a whole number, not `2.5`"),
        ("stylization", "9" * 30, f"MJ070 `stylization` takes a whole number, not `{'9' * 30}`"),
        ("iw", "1,5", "MJ070 `iw` takes a number, not `1,5`"),
        ("iw", "nan", "MJ070 `iw` takes a number, not `nan`"),
        ("is_hd", "yes", "MJ070 `is_hd` takes true or false, not `yes`"),
        ("aspect_ratio", "16x9", "MJ071 `aspect_ratio` cannot be `16x9`"),
        ("speed", "slow", "MJ071 `speed` cannot be `slow`"),
        ("speed", "draft", "MJ078 drafts need version 7, and none is given"),
        ("image_urls", "cat.png", "MJ076 `cat.png` is a file on this machine, not a URL"),
        ("image_urls", "C:\\\\cat.png", "MJ076 `C:\\\\cat.png` is a file on this machine, not a URL"),
        (
            "image_urls",
            "ftp://a.example/1.png",
            "MJ076 `ftp://a.example/1.png` is not a URL that the service can fetch",
        ),
        ("image_urls", "https://a.example/a b.png", "MJ076 `b.png` behind a URL is not a URL"),
        ("image_urls", "https://a.example/1 | https://a.example/2", "MJ076 `|` behind a URL is not a URL"),
        ("sref_urls", "https://a.example/1 4713", "MJ076 `4713` is a style code, not a URL"),
        (
            "sref_urls",
            "https://a.example/1;https://a.example/2",
            "MJ076 `;` stands between two URLs, which would be sent as one",
        ),
        ("image_urls", "https://a.example/1 " * 21, "MJ077 a generate takes at most 20 images, not 21"),
        ("sref_urls", "[1", "MJ082 `sref_urls` is not valid JSON"),
        ("negative_prompt", "a\x07b", "MJ075 the text has the control character U+0007"),
        ("stylization", "5000", "MJ080 `stylization` is usually 0 to 1000, and here it is 5000"),
    ],
)
def test_a_wrong_cell_is_reported_at_the_cell(plan: Plan, param: str, cell: str, said: str) -> None:
    planned = plan(
        GENERATE.format(params=f'{param}: "{{{{ cell }}}}"'), rows_csv=f'id,name,cell\nA,cat,\nB,dog,"{cell}"\n'
    )
    assert planned.said() == [f"rows.csv:3:7 {said}"]


@pytest.mark.parametrize(
    ("param", "cell", "help_text"),
    [
        ("stylization", "lots", "write it in digits"),
        ("stylization", "2.5", "a whole number has no fraction: `2`, for example"),
        ("stylization", "€ 180", "write `180`"),
        ("stylization", "45%", "write `45`"),
        ("stylization", '"1,249.00"', "write `1249`"),
        ("stylization", "1.249", "write `1249`"),
        ("stylization", "nan", "leave the cell empty: the param is then not given"),
        ("stylization", "3 to 5", None),
        ("iw", '"1,5"', "write `1.5`"),
        ("iw", "$1.50", "write `1.50`"),
        ("iw", "Infinity", "write it in digits"),
        ("iw", "#N/A", "leave the cell empty: the param is then not given"),
        ("is_hd", "yes", "write `true`"),
        ("is_hd", "0", "write `false`"),
        ("is_hd", "perhaps", "write `true` or `false`"),
        ("is_hd", "null", "leave the cell empty: the param is then not given"),
        ("aspect_ratio", "16x9", "did you mean `16:9`?"),
        ("aspect_ratio", "16:09", "did you mean `16:9`?"),
        ("aspect_ratio", "2:03:00 AM", "did you mean `2:3`?"),
        (
            "aspect_ratio",
            "4:5",
            "it is one of `1:1`, `1:2`, `2:1`, `2:3`, `3:2`, `3:4`, `4:3`, `5:6`, `6:5`, `9:16`, `16:9`",
        ),
        ("speed", "Turbo", "did you mean `turbo`?"),
        ("speed", "relaxd", "use `fast`: `relaxed` runs and is billed as `fast`"),
        ("speed", "slow", "it is one of `fast`, `turbo`, `draft`"),
        (
            "sref_urls",
            "3799554500",
            "the service has no field for style codes: give the `https://` URL of a picture in that style",
        ),
        ("image_urls", "//cdn.shop.example/1.png", "write `https://cdn.shop.example/1.png`"),
    ],
)
def test_help_says_what_to_write_in_the_cell(plan: Plan, param: str, cell: str, help_text: str | None) -> None:
    planned = plan(GENERATE.format(params=f'{param}: "{{{{ cell }}}}"'), rows_csv=f"id,name,cell\nA,cat,{cell}\n")
    assert [diagnostic.help for diagnostic in planned.diagnostics] == [help_text]


def test_a_flag_in_a_prompt_is_reported_at_the_cell_that_brings_it(plan: Plan) -> None:
    planned = plan(
        GENERATE.format(params='iw: "1"'), rows_csv="id,name\nA,cat --ar 16:9\nB,dog -- and cat\nC,x --zap\n"
    )
    assert planned.said() == [
        "rows.csv:2:3 MJ074 `--ar` in `prompt`: the service drops everything from there on",
        "rows.csv:3:3 MJ074 `--` in `prompt`: the service drops everything from there on",
        "rows.csv:4:3 MJ074 `--zap` in `prompt`: the service drops everything from there on",
    ]
    assert [diagnostic.help for diagnostic in planned.diagnostics] == [
        "use `aspect_ratio` in `params` instead",
        "write a single dash, or a comma",
        "remove it: flags do not reach the model",
    ]


def test_a_prompt_too_long_by_many_cells_is_reported_at_the_template(plan: Plan) -> None:
    planned = plan(
        GENERATE.format(params='iw: "1"'), rows_csv=f"id,name\nA,{'x' * PROMPT_CHARACTERS}\nB,{'é' * 1999}\n"
    )
    assert planned.said() == ["campaign.yaml:10:23 MJ073 the prompt is longer than 2000 characters"]
    assert planned.diagnostics[0].also == 1
    assert planned.diagnostics[0].help == f"it has 2002; in the row `A` ({planned.manifest.path.parent}/rows.csv:2)"


def test_a_prompt_has_a_limit_in_bytes_too(plan: Plan) -> None:
    planned = plan(
        ONE_CELL,
        rows_csv=f"id,name\nA,{'🐈' * 1876}\nB,{'🐈' * 1875}\n",
    )
    assert planned.said() == ["rows.csv:2:3 MJ073 the prompt is longer than 7500 bytes"]
    assert len(planned.jobs) == 1


def test_an_empty_prompt_is_an_error(plan: Plan) -> None:
    planned = plan(
        ONE_CELL,
        rows_csv="id,name\nA,\nB,cat\nC,  \n",
    )
    assert planned.said() == ["rows.csv:2:3 MJ072 the prompt is empty"]
    assert planned.diagnostics[0].also == 1


def test_the_same_mistake_in_many_rows_is_reported_once(plan: Plan) -> None:
    rows = "".join(f"{number},cat,1:3\n" for number in range(500))
    planned = plan(GENERATE.format(params='aspect_ratio: "{{ ratio }}"'), rows_csv=f"id,name,ratio\n{rows}")
    assert planned.said() == ["rows.csv:2:7 MJ071 `aspect_ratio` cannot be `1:3`"]
    assert planned.diagnostics[0].also == 499


def test_a_cell_that_many_jobs_use_counts_once(plan: Plan) -> None:
    planned = plan(
        """
        inputs:
          rows: {csv: rows.csv, key: id}
          looks: {matrix: {look: [a, b, c]}}
        nodes:
          hero: {kind: generate, for_each: [rows, looks], params: {prompt: "{{ look }}", aspect_ratio: "{{ ratio }}"}}
          also: {kind: generate, for_each: [rows, looks], params: {prompt: "{{ look }}", aspect_ratio: "{{ ratio }}"}}
        """,
        rows_csv="id,ratio\nA,1:3\nB,1:3\n",
    )
    assert planned.said() == ["rows.csv:2:3 MJ071 `aspect_ratio` cannot be `1:3`"]
    assert planned.diagnostics[0].also == 1


def test_many_different_mistakes_of_a_kind_are_not_listed_one_by_one(plan: Plan) -> None:
    rows = "".join(f"{number},cat,a{number}\n" for number in range(500))
    planned = plan(GENERATE.format(params='sv: "{{ sv }}"'), rows_csv=f"id,name,sv\n{rows}")
    assert [diagnostic.count for diagnostic in planned.diagnostics] == [*[1] * 29, 471]
    assert planned.said()[-1] == "rows.csv:31:8 MJ070 `sv` takes a whole number, not `a29`"


def test_all_mistakes_of_a_row_are_reported(plan: Plan) -> None:
    planned = plan(
        GENERATE.format(params='aspect_ratio: "{{ ratio }}", stylization: "{{ s }}"'),
        rows_csv="id,name,ratio,s\nA,--no cats,1:3,much\n",
    )
    assert [line.split(" ")[1] for line in planned.said()] == ["MJ074", "MJ071", "MJ070"]


def test_mistakes_behind_picks_show_before_anybody_picked(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv, key: id}}
        nodes:
          hero: {kind: generate, for_each: [rows], params: {prompt: a cat}}
          other: {kind: vary, from: hero, images: pick, params: {type: 1, remixPrompt: "{{ note }}"}}
          final: {kind: upscale, from: other, images: pick, params: {type: "{{ type }}"}}
        """,
        rows_csv="id,note,type\nA,warmer --ar 1:1,0\nB,colder,7\n",
    )
    assert planned.said() == [
        "rows.csv:2:3 MJ074 `--ar` in `remixPrompt`: the service drops everything from there on",
        "rows.csv:3:10 MJ071 `type` cannot be `7`",
    ]


def test_a_wrong_value_in_the_manifest_itself_is_reported_there(plan: Plan) -> None:
    planned = plan(
        """
        vars: {ratio: "1:3"}
        inputs:
          looks: {matrix: {style: [a, b]}}
        nodes:
          hero:
            kind: generate
            for_each: [looks]
            params: {prompt: a cat, aspect_ratio: "{{ ratio }}"}
        """
    )
    assert planned.said() == ["campaign.yaml:11:44 MJ071 `aspect_ratio` cannot be `1:3`"]


def test_a_wrong_value_of_a_matrix_is_reported_where_it_is_written(plan: Plan) -> None:
    planned = plan(
        """
        inputs:
          looks: {matrix: {style: [2, x]}}
          moods: {rows: [{mood: 1}, {mood: y}]}
        nodes:
          hero: {kind: generate, for_each: [looks, moods], params: {prompt: c, sv: "{{ style }}", iw: "{{ mood }}"}}
        """
    )
    assert planned.said() == [
        "campaign.yaml:5:31 MJ070 `sv` takes a whole number, not `x`",
        "campaign.yaml:6:29 MJ070 `iw` takes a number, not `y`",
    ]


def test_only_generate_makes_drafts(plan: Plan) -> None:
    planned = plan(
        """
        vars: {speed: draft}
        nodes:
          fix: {kind: edit, params: {prompt: a cat, image_urls: "https://a.example/1.png", speed: "{{ speed }}"}}
        """
    )
    assert [line.split(" ", 1)[1] for line in planned.said()] == ["MJ078 only `generate` makes drafts"]


def test_only_drafts_are_enhanced(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv, key: id}}
        nodes:
          hero: {kind: generate, for_each: [rows], params: {prompt: a cat, version: "7", speed: "{{ speed }}"}}
          again: {kind: reroll, from: hero}
          finer: {kind: enhance, from: [hero, again], images: [0]}
        """,
        rows_csv="id,speed\nA,draft\nB,fast\nC,turbo\n",
    )
    assert planned.said() == [
        "campaign.yaml:8:26 MJ079 `enhance` needs drafts, and not all jobs of `again` are drafts",
        "campaign.yaml:8:26 MJ079 `enhance` needs drafts, and not all jobs of `hero` are drafts",
    ]
    assert [diagnostic.also for diagnostic in planned.diagnostics] == [1, 1]
    assert [key for key in planned.keys if key.startswith("finer")] == ["finer/A/again-0", "finer/A/hero-0"]


def test_an_edit_takes_one_image_and_image_to_image_at_least_one_reference(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv, key: id}}
        nodes:
          fix: {kind: edit, for_each: [rows], params: {prompt: a cat, image_urls: "{{ urls }}"}}
          alike: {kind: generate, for_each: [rows], params: {mode: image-to-image, prompt: x, sref_urls: "{{ urls }}"}}
        """,
        rows_csv="id,urls\nA,https://a.example/1 https://a.example/2\nB,\n",
    )
    assert planned.said() == [
        "rows.csv:2:3 MJ077 an edit takes exactly 1 image, not 2",
        "rows.csv:3:3 MJ077 an edit takes exactly 1 image, not 0",
        "rows.csv:3:3 MJ077 image-to-image needs a reference image",
    ]


def test_one_mistake_in_two_templates_is_two_mistakes(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv}}
        nodes:
          hero: {kind: generate, for_each: [rows], params: {prompt: "{{ nmae }}"}}
          also: {kind: generate, for_each: [rows], params: {prompt: "{{ name }}", negative_prompt: "{{ nmae }}"}}
        """,
        rows_csv="id,name\nA,cat\n",
    )
    assert [line.split(" ", 1)[0] for line in planned.said()] == ["campaign.yaml:6:65", "campaign.yaml:7:96"]


@pytest.mark.parametrize(("field", "text"), [("labels: {x: '%'}", "labels"), ("where: \"'a' in source.url\"", "where")])
def test_only_params_can_wait_for_the_url_of_a_source(plan: Plan, field: str, text: str) -> None:
    assert text in field
    planned = plan(
        f"""
        nodes:
          hero: {{kind: generate, params: {{prompt: a cat}}}}
          big: {{kind: upscale, from: hero, images: [0], {field.replace("%", "{{ source.url }}")}, params: {{type: 0}}}}
        """
    )
    (diagnostic,) = planned.diagnostics
    assert (diagnostic.code, diagnostic.message) == ("MJ066", "`source` has no `url` here")
    assert diagnostic.help == "it is known only at run time: use it in params"


def test_variables_must_exist_in_all_sources(plan: Plan) -> None:
    planned = plan(
        """
        vars: {mood: calm}
        inputs: {cups: {rows: [{name: mug, mood: wild}]}, looks: {rows: [{look: red}]}}
        nodes:
          hero: {kind: generate, for_each: [cups], params: {prompt: "{{ name }}"}}
          plain: {kind: generate, for_each: [looks], params: {prompt: "{{ look }}"}}
          other: {kind: vary, from: [hero, plain], images: [0], params: {remixPrompt: "{{ name }} {{ mood }}"}}
        """
    )
    assert planned.said() == [
        "campaign.yaml:9:83 MJ066 `name` is not defined here",
        "campaign.yaml:9:94 MJ066 `mood` is not defined here",
    ]
    assert [diagnostic.help for diagnostic in planned.diagnostics] == [
        "the jobs of `plain` have no `name`",
        "the jobs of `plain` have no `mood`",
    ]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ('{"a": 1e999}', "MJ082 `mask` is not valid JSON"),
        ('{"a": NaN}', "MJ082 `mask` is not valid JSON"),
        ("[" * 100_000, "MJ082 `mask` is not valid JSON"),
        ("[" * 990 + "]" * 990, "MJ082 `mask` is not valid JSON"),
        ("[" * 60 + "]" * 60, "MJ082 `mask` is not valid JSON"),
        ('{"a": ["x", "\\u001b"]}', "MJ075 the text has the control character U+001B"),
        ('{"a": "\\ud800"}', "MJ075 the text has the control character U+D800"),
        ("[1]", "MJ070 `mask` takes an object, not `[1]`"),
    ],
)
def test_json_that_cannot_be_sent_is_an_error(plan: Plan, cell: str, said: str) -> None:
    doubled = cell.replace('"', '""')
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv, key: id}}
        nodes:
          fix:
            kind: edit
            for_each: [rows]
            params: {prompt: a, image_urls: "https://a.example/1.png", mask: "{{ cell }}"}
        """,
        rows_csv=f'id,cell\nA,"{doubled}"\n',
    )
    assert planned.said() == [f"rows.csv:2:3 {said}"]


def test_an_endless_number_is_an_error(plan: Plan) -> None:
    planned = plan(GENERATE.format(params='iw: "{{ iw }}"'), rows_csv="id,name,iw\nA,cat,1e999\n")
    assert planned.said() == ["rows.csv:2:7 MJ070 `iw` takes a number, not `1e999`"]


def test_half_a_character_in_json_lines_is_an_error(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {jsonl: rows.jsonl}}
        nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: "{{ name }}"}}}
        """,
        rows_jsonl='{"name": "\\ud800"}\n{"name": "\\ud83d\\ude00"}\n',
    )
    assert planned.said() == ["rows.jsonl:1:1 MJ055 the line has half a character (a lone surrogate)"]
    assert [job.request["prompt"] for job in planned.jobs] == ["😀"]
