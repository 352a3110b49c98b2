"""What the diagnostics about templates and conditions mean, at more length than their messages."""

from mjpipe.manifest import explanation

TEMPLATE_CODES = {
    "MJ065": explanation(
        "a template that is wrong",
        "It is not valid Jinja, uses an unknown filter, is nested too deeply, or includes a file that is too large or\n"
        "outside the manifest's folder. There are no random filters, because the same manifest has to ask for the\n"
        "same images. An expression, such as `where`, has no braces. docs/filters.md lists all filters.",
        wrong='nodes: {hero: {kind: generate, params: {prompt: "a {{ vars.name | shout }}"}}}\nvars: {name: teapot}',
        right='nodes: {hero: {kind: generate, params: {prompt: "a {{ vars.name | upper }}"}}}\nvars: {name: teapot}',
    ),
    "MJ066": explanation(
        "an unknown name in a template",
        "Templates can use the columns of the node's rows, those of the jobs that it starts from, and `vars`. With\n"
        "several sources, they can use only what all of these have. Paths can also use `node`, `key`, `image`,\n"
        "`number`, `take` and `ext`.",
        wrong="inputs: {cups: {rows: [{name: mug}]}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ nmae }}"}}}',
        right="inputs: {cups: {rows: [{name: mug}]}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ name }}"}}}',
    ),
    "MJ067": explanation(
        "a template that fails",
        "It is valid, but fails for a row: it divides by zero, calculates with text, or does more work than a\n"
        "template may. Work is counted in steps (one pass of a loop, a call, a hundred characters copied), never\n"
        "in time, so a template gives the same result on every machine.",
        wrong="inputs: {cups: {rows: [{n: 0}]}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ 8 / (n | int) }} cups"}}}',
        right="inputs: {cups: {rows: [{n: 2}]}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ 8 / (n | int) }} cups"}}}',
    ),
    "MJ068": explanation(
        "the source's URL in a text",
        "The URL of an image is known only after the image has been made, long after the plan. So `{{ source.url }}`\n"
        "can only be the whole value of a URL.",
        wrong="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n"
        '  alike: {kind: generate, from: hero, images: all, params: {prompt: "as {{ source.url }}"}}',
        right="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n"
        '  alike: {kind: generate, from: hero, images: all, params: {prompt: a cup, sref_urls: ["{{ source.url }}"]}}',
    ),
    "MJ069": explanation(
        "a text that is not a number",
        "Beside a number, `==`, `!=`, `<`, `<=`, `>` and `>=` read a text as a number: digits, with a point before\n"
        "decimals. `float` and `int` read a little more, and `number` what shops write: `1,249.00`, `€ 180`, with\n"
        "`number(decimal=',')` also `180,50`. `float(0)` and `int(0)` give 0 for an empty cell and for any other\n"
        "text that they cannot read. Two texts are compared as texts, an error where numbers have another order.",
        wrong="inputs:\n  cups:\n    rows: [{sku: T-01, price: '1,249.00'}]\n    where: price > 100\n"
        "nodes: {hero: {kind: generate, for_each: cups, params: {prompt: a cup}}}",
        right="inputs:\n  cups:\n    rows: [{sku: T-01, price: '1,249.00'}]\n    where: price | number > 100\n"
        "nodes: {hero: {kind: generate, for_each: cups, params: {prompt: a cup}}}",
    ),
    "MJ099": explanation(
        "a comparison with another result than in the release that began the campaign",
        "Older releases found no text equal to a number: `stock != 0` held for every row. Texts that are numbers are\n"
        "compared as such now. Where that changes a request or keeps other rows, in a campaign that an older release\n"
        "has paid for, it is an error, so that nothing is paid again for it: `stock | number != 0` says that you mean\n"
        "numbers. To keep what was made, take the comparison out.",
    ),
    "MJ105": explanation(
        "a text as a condition",
        "Cells are text, and a text as a condition asks only whether it is empty: `where: show` would keep a\n"
        "row with `FALSE`. So a cell that reads as false (`FALSE`, `no` or `0`, in any case) is an error there.\n"
        "So is a text beside `true` or `false`. `truth` reads such words; a blank is false to it.",
        wrong="inputs:\n  cups:\n    rows: [{show: 'FALSE'}, {show: 'TRUE'}]\n    where: show\n"
        "nodes: {hero: {kind: generate, for_each: cups, params: {prompt: a cup}}}",
        right="inputs:\n  cups:\n    rows: [{show: 'FALSE'}, {show: 'TRUE'}]\n    where: show | truth\n"
        "nodes: {hero: {kind: generate, for_each: cups, params: {prompt: a cup}}}",
    ),
    "MJ106": explanation(
        "an empty cell beside a number (a warning)",
        "An empty cell is no number: it is unequal to every number, and neither smaller nor larger. So `stock != 0`\n"
        "holds for it, and `stock < 5` does not. Say what you mean for such rows.",
        wrong="inputs:\n  cups:\n    rows: [{stock: ''}, {stock: 4}]\n    where: stock != 0\n"
        "nodes: {hero: {kind: generate, for_each: cups, params: {prompt: a cup}}}",
        right="inputs:\n  cups:\n    rows: [{stock: ''}, {stock: 4}]\n    where: stock != '' and stock != 0\n"
        "nodes: {hero: {kind: generate, for_each: cups, params: {prompt: a cup}}}",
    ),
    "MJ107": explanation(
        "a list or an object where a text belongs",
        "A list has no text of its own: its brackets and quotes would be sent. Join it, take one of its values, or\n"
        "write JSON with `tojson`. A text is no list: a loop or `join` would take it letter by letter.",
        wrong='nodes: {hero: {kind: generate, params: {prompt: "{{ vars.colours.split() }} cup"}}}\n'
        "vars: {colours: red blue}",
        right="nodes: {hero: {kind: generate, params: {prompt: \"{{ vars.colours.split() | join('-') }} cup\"}}}\n"
        "vars: {colours: red blue}",
    ),
    "MJ108": explanation(
        "a text that is neither true nor false",
        "`truth` reads true, yes and 1, and false, no and 0, in any case. A blank is false.",
        wrong="inputs:\n  cups:\n    rows: [{sku: T-01, state: active}]\n    where: state | truth\n"
        "nodes: {hero: {kind: generate, for_each: cups, params: {prompt: a cup}}}",
        right="inputs:\n  cups:\n    rows: [{sku: T-01, state: active}]\n    where: state == 'active'\n"
        "nodes: {hero: {kind: generate, for_each: cups, params: {prompt: a cup}}}",
    ),
    "MJ109": explanation(
        "a text that is not JSON",
        "`fromjson` reads JSON: names and texts have double quotes, lists have brackets, objects have braces.",
        wrong="vars: {colours: 'red, blue'}\n"
        'nodes: {hero: {kind: generate, params: {prompt: "a {{ (vars.colours | fromjson)[0] }} cup"}}}',
        right='vars: {colours: \'["red", "blue"]\'}\n'
        'nodes: {hero: {kind: generate, params: {prompt: "a {{ (vars.colours | fromjson)[0] }} cup"}}}',
    ),
}
