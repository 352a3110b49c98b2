"""Each wrong value is reported at the cell or the template that it comes from."""

from tests.plan.planning import Plan

THREE_INPUTS = """
    inputs:
      cups: {csv: cups.csv, key: sku}
      looks: {csv: looks.csv, key: look}
      sizes: {csv: sizes.csv, key: size}
    nodes:
      hero:
        kind: generate
        for_each: [cups, looks, sizes]
        params:
          prompt: "a {{ name }}, {{ style }}"
          stylization: "{{ strength }}"
          aspect_ratio: "{{ ratio }}"
"""


def test_each_wrong_cell_of_several_inputs_is_found_in_its_own_file(plan: Plan) -> None:
    planned = plan(
        THREE_INPUTS,
        cups_csv="sku,name\nA,mug\nB,pot --ar 1:2\n",
        looks_csv="look,style,strength\nplain,studio,100\nwild,at sea,lots\n",
        sizes_csv="size,ratio\nwide,16:9\nodd,5x5\n",
    )
    assert planned.said() == [
        "cups.csv:3:3 MJ074 `--ar` in `prompt`: the service drops everything from there on",
        "looks.csv:3:13 MJ070 `stylization` takes a whole number, not `lots`",
        "sizes.csv:3:5 MJ071 `aspect_ratio` cannot be `5x5`",
    ]
    assert [diagnostic.also for diagnostic in planned.diagnostics] == [0, 0, 0]
    assert planned.keys == ["hero/A/plain/wide"]


def test_a_follower_with_inputs_of_its_own_blames_the_right_row(plan: Plan) -> None:
    planned = plan(
        """
        inputs:
          cups: {csv: cups.csv, key: sku}
          looks: {csv: looks.csv, key: look}
        nodes:
          hero: {kind: generate, for_each: [cups], params: {prompt: "a {{ name }}"}}
          scene:
            kind: generate
            from: hero
            images: [0]
            for_each: [looks]
            params: {prompt: "{{ name }} in {{ place }}", iw: "{{ weight }}", negative_prompt: "{{ without }}"}
        """,
        cups_csv="sku,name,without\nA,mug,\nB,pot,a\x07b\n",
        looks_csv="look,place,weight\nsea,water,1\nsky,air,heavy\n",
    )
    assert planned.said() == [
        "cups.csv:3:7 MJ075 the text has the control character U+0007",
        "looks.csv:3:9 MJ070 `iw` takes a number, not `heavy`",
    ]


def test_a_part_that_two_cells_have_is_reported_at_the_template_with_the_row(plan: Plan) -> None:
    planned = plan(
        THREE_INPUTS,
        cups_csv="sku,name\nA,mug --no\n",
        looks_csv="look,style,strength\nplain,studio --no,100\n",
        sizes_csv="size,ratio\nwide,16:9\n",
    )
    (diagnostic,) = planned.diagnostics
    assert (diagnostic.place.line, diagnostic.code) == (13, "MJ074")
    assert diagnostic.help is not None
    assert diagnostic.help.startswith("use `negative_prompt` in `params` instead; in the row `A/plain/wide` (")
    assert diagnostic.help.endswith("cups.csv:2)")


def test_each_leaf_of_an_object_answers_for_itself(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv, key: id}}
        nodes:
          fix:
            kind: edit
            for_each: [rows]
            params:
              prompt: a lid
              image_urls: https://a.example/1.png
              canvas: {width: "{{ w }}", height: "{{ h }}"}
          alike:
            kind: generate
            for_each: [rows]
            params: {prompt: a lid, sref_urls: [{url: "{{ u }}", weight: "{{ weight }}"}]}
        """,
        rows_csv="id,w,h,u,weight\nA,640,a\x07b,https://a.example/1.png,1\nB,640,480,cup.png,1\n"
        "C,640,480,https://a.example/1.png,heavy\n",
    )
    assert planned.said() == [
        "rows.csv:2:7 MJ075 the text has the control character U+0007",
        "rows.csv:3:11 MJ076 `cup.png` is a file on this machine, not a URL",
        "rows.csv:4:35 MJ070 the weight of a reference is a number, not `heavy`",
    ]


def test_all_items_of_a_list_are_checked(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv, key: id}}
        nodes:
          hero: {kind: generate, for_each: [rows], params: {prompt: a cup, sref_urls: ["{{ u }}", "{{ v }}"]}}
        """,
        rows_csv="id,u,v\nA,cup.png,pot.png\n",
    )
    assert planned.said() == [
        "rows.csv:2:3 MJ076 `cup.png` is a file on this machine, not a URL",
        "rows.csv:2:11 MJ076 `pot.png` is a file on this machine, not a URL",
    ]


def test_a_label_that_fails_behind_a_pick_is_counted_once_a_row(plan: Plan) -> None:
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv, key: id}}
        nodes:
          hero: {kind: generate, for_each: [rows], params: {prompt: a cup}}
          big: {kind: upscale, from: hero, images: pick, labels: {half: "{{ 8 / (n | int) }}"}, params: {type: 0}}
        """,
        rows_csv="id,n\nA,0\nB,0\nC,2\n",
    )
    (diagnostic,) = planned.diagnostics
    assert diagnostic.code == "MJ067"
    assert diagnostic.also == 1
