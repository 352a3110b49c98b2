"""What the diagnostics about values that are sent mean, at more length than their messages."""

from mjpipe.manifest import explanation

VALUE_CODES = {
    "MJ070": explanation(
        "a value of the wrong type",
        "Cells are text. Each param is converted to the type that the API takes: a whole number, a number, true or\n"
        "false.",
        wrong='vars: {s: much}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, stylization: "{{ s }}"}}}',
        right='vars: {s: 250}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, stylization: "{{ s }}"}}}',
    ),
    "MJ071": explanation(
        "a value that the API does not have",
        "The field takes only the listed values.",
        wrong='vars: {r: 3x2}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, aspect_ratio: "{{ r }}"}}}',
        right='vars: {r: 3:2}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, aspect_ratio: "{{ r }}"}}}',
    ),
    "MJ072": explanation(
        "an empty prompt",
        "An empty cell means that a param is not given, but a prompt is required.",
        wrong='vars: {name: ""}\nnodes: {hero: {kind: generate, params: {prompt: "{{ name }}"}}}',
        right='vars: {name: teapot}\nnodes: {hero: {kind: generate, params: {prompt: "{{ name }}"}}}',
    ),
    "MJ073": explanation(
        "a prompt that is too long",
        "The service takes 2000 characters on some routes and 7500 bytes of UTF-8 on others. A prompt must fit both.",
        wrong="vars: {x: " + "tea" * 20 + "}\n"
        'nodes: {hero: {kind: generate, params: {prompt: "{% for n in range(50) %}{{ x }}{% endfor %}"}}}',
        right="vars: {x: " + "tea" * 20 + "}\n"
        'nodes: {hero: {kind: generate, params: {prompt: "{% for n in range(5) %}{{ x }}{% endfor %}"}}}',
    ),
    "MJ074": explanation(
        "a flag in a prompt",
        "The service silently drops the text of a prompt from the first `--` on. Use the field instead of the flag:\n"
        "`aspect_ratio` for `--ar`, `negative_prompt` for `--no`.",
        wrong='vars: {name: teapot --ar 1:2}\nnodes: {hero: {kind: generate, params: {prompt: "a {{ name }}"}}}',
        right="vars: {name: teapot}\n"
        'nodes: {hero: {kind: generate, params: {prompt: "a {{ name }}", aspect_ratio: 1:2}}}',
    ),
    "MJ075": explanation(
        "a control character",
        "Control characters, apart from tabs and line breaks, come from a damaged file or a typing error.",
        wrong='nodes: {hero: {kind: generate, params: {prompt: "a tea\\u0007pot"}}}',
        right='nodes: {hero: {kind: generate, params: {prompt: "a teapot"}}}',
    ),
    "MJ076": explanation(
        "not a public URL",
        "The service downloads reference images itself, so everybody must be able to download them.",
        wrong='vars: {u: cup.png}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, image_urls: "{{ u }}"}}}',
        right="vars: {u: https://example.com/cup.png}\n"
        'nodes: {hero: {kind: generate, params: {prompt: a teapot, image_urls: "{{ u }}"}}}',
    ),
    "MJ077": explanation(
        "too many or too few images",
        "An edit takes exactly one image, image-to-image at least one reference, and no task more than 20 image URLs.",
        wrong="vars: {u: https://example.com/1.png https://example.com/2.png}\n"
        'nodes: {fix: {kind: edit, params: {prompt: a lid, image_urls: "{{ u }}"}}}',
        right="vars: {u: https://example.com/1.png}\n"
        'nodes: {fix: {kind: edit, params: {prompt: a lid, image_urls: "{{ u }}"}}}',
    ),
    "MJ078": explanation(
        "a draft that cannot be made",
        "Only `generate` makes drafts, and only with version 7.",
        wrong='vars: {s: draft}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, speed: "{{ s }}"}}}',
        right="vars: {s: draft}\n"
        'nodes: {hero: {kind: generate, params: {prompt: a teapot, speed: "{{ s }}", version: "7"}}}',
    ),
    "MJ079": explanation(
        "`enhance` of a job that is not a draft",
        "`enhance` works on drafts of version 7 and on their rerolls. Some jobs of the source are not drafts: leave\n"
        "them out with `where`.",
        wrong="inputs: {speeds: {rows: [{s: draft}, {s: fast}]}}\nnodes:\n"
        '  hero: {kind: generate, for_each: speeds, params: {prompt: a teapot, speed: "{{ s }}", version: "7"}}\n'
        "  finer: {kind: enhance, from: hero, images: all}",
        right="inputs: {speeds: {rows: [{s: draft}, {s: fast}]}}\nnodes:\n"
        '  hero: {kind: generate, for_each: speeds, params: {prompt: a teapot, speed: "{{ s }}", version: "7"}}\n'
        "  finer: {kind: enhance, from: hero, images: all, where: s == 'draft'}",
    ),
    "MJ080": explanation(
        "a number outside its usual range (a warning)",
        "The service's page gives no range for this field; older pages do. The service may refuse or change the\n"
        "number.",
        wrong='vars: {s: 5000}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, stylization: "{{ s }}"}}}',
        right='vars: {s: 500}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, stylization: "{{ s }}"}}}',
    ),
    "MJ081": explanation(
        "relaxed is fast (a warning)",
        "The service still takes `relaxed`, but runs and bills it as `fast`. So `fast` is planned and sent.",
        wrong='vars: {s: relaxed}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, speed: "{{ s }}"}}}',
        right='vars: {s: fast}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, speed: "{{ s }}"}}}',
    ),
    "MJ082": explanation(
        "an object that is not what the field takes",
        "`mask`, `canvas` and `imgPos` are objects; a reference is a URL, or an object with `url` and `weight`. Write\n"
        "YAML with templates as its values, or one template that gives JSON.",
        wrong="vars: {c: 640x480}\nnodes:\n"
        '  fix: {kind: edit, params: {prompt: a lid, image_urls: https://example.com/1.png, canvas: "{{ c }}"}}',
        right="vars: {w: 640}\nnodes:\n"
        "  fix:\n    kind: edit\n"
        '    params: {prompt: a lid, image_urls: https://example.com/1.png, canvas: {width: "{{ w }}", height: 480}}',
    ),
    "MJ110": explanation(
        "a word for no value in what is sent (a warning)",
        "Programs write `nan`, `None`, `null` or `undefined` where a cell has no value. To a template this is a text\n"
        "like any other. Leave such a cell empty.",
        wrong="inputs: {cups: {rows: [{name: mug, glaze: nan}]}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "a {{ glaze }} {{ name }}"}}}',
        right='inputs: {cups: {rows: [{name: mug, glaze: ""}]}}\n'
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "a {{ glaze }} {{ name }}"}}}',
    ),
    "MJ111": explanation(
        "a spreadsheet's error in what is sent (a warning)",
        "A formula failed, and its error was exported as the value of the cell.",
        wrong='inputs: {cups: {rows: [{name: mug, glaze: "#REF!"}]}}\n'
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "a {{ glaze }} {{ name }}"}}}',
        right="inputs: {cups: {rows: [{name: mug, glaze: blue}]}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "a {{ glaze }} {{ name }}"}}}',
    ),
    "MJ112": explanation(
        "a damaged text in what is sent (a warning)",
        "U+FFFD stands where a program could not read a character. Letters such as `\u00c3\u00a9` are UTF-8 that was\n"
        "read as another encoding, and saved so. Export the file again, as UTF-8.",
        wrong="inputs: {cups: {rows: [{name: caf\u00c3\u00a9 mug}]}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "a {{ name }}"}}}',
        right="inputs: {cups: {rows: [{name: caf\u00e9 mug}]}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "a {{ name }}"}}}',
    ),
    "MJ113": explanation(
        "HTML in what is sent (a warning)",
        "Descriptions of shops are HTML. The filter `striptags` removes tags and reads entities such as `&amp;`.",
        wrong='inputs: {cups: {rows: [{text: "<p>Oak &amp; linen</p>"}]}}\n'
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ text }}"}}}',
        right='inputs: {cups: {rows: [{text: "Oak and linen"}]}}\n'
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ text }}"}}}',
    ),
    "MJ114": explanation(
        "braces in what is sent (a warning)",
        "A template has two braces on each side, and a cell is never a template. Other braces are sent as they stand.",
        wrong="inputs: {cups: {rows: [{name: mug}]}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "a {name}"}}}',
        right="inputs: {cups: {rows: [{name: mug}]}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "a {{ name }}"}}}',
    ),
    "MJ115": explanation(
        "syntax of Midjourney's own in what is sent (a warning)",
        "`{red, blue}` for several prompts, `::` for weights and a URL at the beginning belong to Midjourney's own\n"
        "prompt line. The service documents none of them: several prompts are a `matrix`, pictures are `image_urls`.",
        wrong='nodes: {hero: {kind: generate, params: {prompt: "a {red, blue} teapot"}}}',
        right="inputs: {glazes: {matrix: {glaze: [red, blue]}}}\n"
        'nodes: {hero: {kind: generate, for_each: glazes, params: {prompt: "a {{ glaze }} teapot"}}}',
    ),
}
