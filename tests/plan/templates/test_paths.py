"""Where images go: by the template, below the folder, no two to one path."""

import os
from pathlib import Path

import pytest

from mjpipe.domain import EXTENSION
from tests.plan.planning import Plan, Planned

ROWS = """
    vars: {{season: "spring: 2"}}
    inputs:
      rows: {{csv: rows.csv, key: sku}}
    outputs: {{dir: out, path: '{path}'}}
    nodes:
      hero: {{kind: generate, for_each: [rows], params: {{prompt: "a cat"}}}}
"""
ONE_ROW = "sku,style,ratio,key\nT-01,a/b,16:9,own\n"


def planned_paths(plan: Plan, path: str, rows: str = ONE_ROW) -> Planned:
    return plan(ROWS.format(path=path.replace("'", "''")), rows_csv=rows)


def first_path(plan: Plan, path: str, rows: str = ONE_ROW) -> str:
    planned = planned_paths(plan, path, rows)
    assert [diagnostic for diagnostic in planned.diagnostics if diagnostic.code not in ("MJ060", "MJ104")] == []
    return planned.jobs[0].paths[0].replace(EXTENSION, "*")


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("{{ node }}/{{ sku }}-{{ style }}-{{ ratio }}-{{ image }}.{{ ext }}", "hero/T-01-a-b-16x9-0.*"),
        ("{{ key }}-{{ number }}.{{ ext }}", "hero/T-01-0.*"),
        ("{{ season }}/{{ key }}/{{ image }}.{{ ext }}", "spring--2/hero/T-01/0.*"),
        ("{{ row['key'] }}{{ row.style }}{{ number }}{x}%s.{{ ext }}", "owna-b0{x}%s.*"),
        ("{{ sku | lower }}/{{ style | upper }}-{{ image }}.{{ ext }}", "t-01/A-B-0.*"),
        ("{{ key | upper }}-{{ image }}.{{ ext }}", "HERO-T-01-0.*"),
        ("{{ '%02d' | format(number + 1) }}.{{ ext }}", "01.*"),
        ("{% if number == 0 %}first{% else %}{{ image }}{% endif %}.{{ ext }}", "first.*"),
        ("{{ sku }}{{ take }}-{{ image }}.{{ ext }}", "T-01-0.*"),
        ("{{ '..' }}/{{ '/' }}/{{ image }}.{{ ext }}", "__/-/0.*"),
        ("{% set up = '../..' %}{{ up }}/{{ image }}.{{ ext }}", "__-__/0.*"),
    ],
)
def test_a_path_says_what_its_template_says(plan: Plan, path: str, expected: str) -> None:
    assert first_path(plan, path) == expected


@pytest.mark.parametrize(
    ("sku", "expected"),
    [
        ("", "_/-0.*"),
        ("..", "__/__-0.*"),
        (".", "_/_-0.*"),
        ("../../etc", "__-..-etc/__-..-etc-0.*"),
        ("/etc/passwd", "-etc-passwd/-etc-passwd-0.*"),
        ("C:\\x", "C--x/C--x-0.*"),
        ("con", "_con/_con-0.*"),
        ("a\x1ab", "a-b/a-b-0.*"),
    ],
)
def test_no_cell_leads_out_of_the_folder(plan: Plan, sku: str, expected: str) -> None:
    assert first_path(plan, "{{ sku }}/{{ sku }}-{{ image }}.{{ ext }}", f'sku,style\n"{sku}",x\n') == expected


def test_names_made_of_several_values_are_safe_too(plan: Plan) -> None:
    long = "x" * 99
    rows = f"sku,a,b,c\nco,n,{long},{long}\n"
    assert first_path(plan, "{{ sku }}{{ a }}/{{ image }}.{{ ext }}", rows) == "_con/0.*"
    path = first_path(plan, "{{ b }}{{ c }}{{ b }}-{{ image }}.{{ ext }}", rows)
    assert path.startswith("x" * 99)
    assert path.endswith("x-0.*")
    assert len(path) <= 202


def test_each_image_of_a_job_has_its_path(plan: Plan) -> None:
    planned = plan(
        """
        outputs: {dir: out, path: "{{ node }}-{{ image }}-{{ number }}-{{ take }}.{{ ext }}"}
        nodes:
          hero: {kind: generate, take: 2, params: {prompt: a cat}}
          other: {kind: vary, from: hero, images: [1], params: {type: 1}}
          big: {kind: upscale, from: [hero, other], take: 1, images: [2], params: {type: 0}}
        """
    )
    assert planned.diagnostics == ()
    assert {job.key: [path.removesuffix(f".{EXTENSION}") for path in job.paths] for job in planned.jobs[:5]} == {
        "hero/t0": ["hero-t0-0-0-0", "hero-t0-1-1-0", "hero-t0-2-2-0", "hero-t0-3-3-0"],
        "other/t0-1": ["other-t0-1-0-0-", "other-t0-1-1-1-", "other-t0-1-2-2-", "other-t0-1-3-3-"],
        "big/other-t0-1-2/t0": ["big-other-t0-1-2-t0-0-0"],
        "big/hero-t0-2/t0": ["big-hero-t0-2-t0-0-0"],
        "hero/t1": ["hero-t1-0-0-1", "hero-t1-1-1-1", "hero-t1-2-2-1", "hero-t1-3-3-1"],
    }


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("../{{ image }}.{{ ext }}", "7:28 MJ085 a path cannot have `..` there"),
        ("a/../{{ image }}.{{ ext }}", "7:30 MJ085 a path cannot have `..` there"),
        ("/tmp/{{ image }}.{{ ext }}", "7:28 MJ085 a path cannot have `/` there"),
        ("a\\{{ image }}.{{ ext }}", "7:29 MJ085 a path cannot have `\\` there"),
        ("C:{{ image }}.{{ ext }}", "7:29 MJ085 a path cannot have `:` there"),
        ("{% include 'x' %}", "7:31 MJ065 the template is wrong: nothing can be included here"),
        ("{{ imgae }}.{{ ext }}", "7:31 MJ066 `imgae` is not defined here"),
        ("{{ key }}-{{ image }}.png", "7:28 MJ087 the path does not end in `{{ ext }}`"),
        ("{{ key }}-{{ image }}.{{ ext | upper }}", "7:28 MJ087 the path does not end in `{{ ext }}`"),
        ("report/{{ image }}.{{ ext }}", "7:28 MJ094 images cannot go to `report`: mjpipe needs that name itself"),
        ("REPORT/{{ image }}.{{ ext }}", "7:28 MJ094 images cannot go to `REPORT`: mjpipe needs that name itself"),
        ("assets.jsonl", "7:28 MJ094 images cannot go to `assets.jsonl`: mjpipe needs that name itself"),
        ("a/.b/{{ image }}.{{ ext }}", "7:30 MJ094 images cannot go to `.b`: mjpipe needs that name itself"),
        (".{{ image }}.{{ ext }}", "7:28 MJ094 images cannot go to `.`: mjpipe needs that name itself"),
        (
            ".mjpipe/{{ image }}.{{ ext }}",
            "7:28 MJ094 images cannot go to `.mjpipe`: mjpipe needs that name itself",
        ),
        (
            ".mjpipe-outputs.json/{{ image }}.{{ ext }}",
            "7:28 MJ094 images cannot go to `.mjpipe-outputs.json`: mjpipe needs that name itself",
        ),
        ("{{ 1 / (style | int(0)) }}{{ image }}.{{ ext }}", "7:28 MJ067 the path fails: division by zero"),
    ],
)
def test_a_wrong_path_is_reported_at_its_template(plan: Plan, path: str, said: str) -> None:
    assert [line for line in planned_paths(plan, path).said() if "MJ060" not in line] == [f"campaign.yaml:{said}"]


CASE = " where capitals make no difference"
APART = "put `{{ key }}` into the path, or the columns in which the jobs differ"


@pytest.mark.parametrize(
    ("path", "rows", "message", "advice"),
    [
        (
            "{{ sku }}.{{ ext }}",
            "sku,a\nA,x\n",
            "several images of one job of `hero` would have the same path",
            "image 0 of `hero/A` and image 1 of `hero/A` are both `A.*`: put `{{ image }}` into the path",
        ),
        (
            "{{ a }}-{{ image }}.{{ ext }}",
            "sku,a\nA,x\nB,x\n",
            "images of several jobs of `hero` would have the same path",
            f"image 0 of `hero/A` and image 0 of `hero/B` are both `x-0.*`: {APART}",
        ),
        (
            "{{ a }}-{{ image }}.{{ ext }}",
            "sku,a\nA,straße\nB,STRASSE\n",
            "images of several jobs of `hero` would have the same path",
            f"image 0 of `hero/A` and image 0 of `hero/B` are both `straße-0.*`{CASE}: {APART}",
        ),
    ],
)
def test_two_images_with_one_path_are_an_error(plan: Plan, path: str, rows: str, message: str, advice: str) -> None:
    planned = planned_paths(plan, path, rows)
    assert planned.said() == [f"campaign.yaml:7:28 MJ086 {message}"]
    assert planned.diagnostics[0].help == advice
    assert planned.diagnostics[0].also == (2 if "sku" in path else 3)


def test_nodes_that_share_a_path_are_named(plan: Plan) -> None:
    planned = plan(
        """
        outputs: {dir: out, path: "{{ image }}.{{ ext }}"}
        nodes:
          hero: {kind: generate, params: {prompt: a cat}}
          big: {kind: upscale, from: hero, images: [2], params: {type: 0}}
        """
    )
    assert planned.said() == ["campaign.yaml:4:28 MJ086 images of `hero` and of `big` would have the same path"]


def test_default_paths_that_differ_by_case_alone_are_an_error(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv, key: sku}}
        nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: a cat}}}
        """,
        rows_csv="sku,a\na,1\nA,1\n",
    )
    assert planned.said() == ["campaign.yaml:5:9 MJ086 images of several jobs of `hero` would have the same path"]


PICKED = """
    outputs: {{dir: out, path: "{}.{{{{ ext }}}}"}}
    nodes:
      hero: {{kind: generate, params: {{prompt: a cat}}}}
      other: {{kind: vary, from: hero, images: pick, params: {{type: 1}}}}
      final: {{kind: upscale, from: [hero, other], images: pick, params: {{type: 0}}}}
"""


@pytest.mark.parametrize(
    ("path", "advice"),
    [
        ("{{ node }}/{{ image }}", []),
        ("{{ node }}/{{ number }}", ["`final/hero-0` and `final/hero-1`", "`final/other-0-0` and `final/other-0-1`"]),
        ("{{ image }}", []),
    ],
)
def test_a_path_that_picks_would_share_is_warned_of_before_anybody_picked(
    plan: Plan, path: str, advice: list[str]
) -> None:
    planned = plan(PICKED.format(path))
    assert [line.split(" ")[1] for line in planned.said()] == ["MJ089"] * len(advice)
    assert not any(diagnostic.is_error for diagnostic in planned.diagnostics)
    assert [diagnostic.help for diagnostic in planned.diagnostics] == [
        f"{jobs} would both write `final/0.*`: put `{{{{ node }}}}` and `{{{{ image }}}}` into the path"
        for jobs in advice
    ]


def test_what_only_looks_like_a_place_of_ours_is_one_for_images(plan: Plan) -> None:
    for path in ("reports/{{ image }}.{{ ext }}", "a/report/{{ image }}.{{ ext }}", "report-{{ image }}.{{ ext }}"):
        assert not [line for line in planned_paths(plan, path).said() if "MJ094" in line]


@pytest.mark.parametrize(
    ("path", "sku", "part"),
    [
        ("{{ sku }}/{{ image }}.{{ ext }}", "REPORT", "REPORT"),
        ("{{ sku }}.jsonl/{{ image }}", "assets", "assets.jsonl"),
        ("a/{{ style }}.{{ ext }}", "x", ".*"),
    ],
)
def test_a_value_that_makes_a_place_of_ours_is_reported(plan: Plan, path: str, sku: str, part: str) -> None:
    (found,) = [line for line in planned_paths(plan, path, f"sku,style\n{sku},\n").said() if "MJ094" in line]
    assert found.endswith(f"MJ094 images cannot go to `{part}`: mjpipe needs that name itself")


def test_a_node_that_is_called_as_our_folder_needs_a_path_for_its_images(plan: Plan) -> None:
    rows = "inputs: {r: {rows: [{sku: A}, {sku: B}], key: sku}}\n"
    planned = plan(rows + "nodes: {report: {kind: generate, for_each: [r], params: {prompt: 'a {{ sku }}'}}}")
    assert planned.said() == ["campaign.yaml:4:9 MJ094 images cannot go to `report`: mjpipe needs that name itself"]


def test_a_path_that_the_system_has_no_room_for_is_an_error_at_the_template(plan: Plan, tmp_path: Path) -> None:
    room = os.pathconf(tmp_path, "PC_PATH_MAX") - len(os.fsencode(tmp_path / "out"))
    folders = "/".join(["{{ name }}"] * (room // 100))
    rows = f"sku,name\nT-1,jug\nT-2,{'x' * 99}\nT-3,{'é' * 48}\n"
    planned = planned_paths(plan, f"{folders}/{{{{ key }}}}-{{{{ image }}}}.{{{{ ext }}}}", rows)
    (found,) = planned.diagnostics
    assert (found.code, found.message) == ("MJ121", "a path of images is too long for this system")
    assert found.help is not None
    assert "in the row `T-2`" in found.help
    assert planned.keys == ["hero/T-1", "hero/T-3"]
