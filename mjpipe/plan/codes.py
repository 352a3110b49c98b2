"""What each diagnostic of a plan means, at more length than its message."""

from mjpipe.manifest import explanation

EXPLANATIONS = {
    "MJ050": explanation(
        "an input file that cannot be read",
        "The file is not there, is empty, is a pipe or a device, or may not be read. Its path is relative to the\n"
        "folder of the manifest.",
    ),
    "MJ051": explanation(
        "an input file in another encoding",
        "Input files are UTF-8 unless the input says otherwise. Spreadsheets offer `CSV UTF-8` when they save; a file\n"
        "that has to stay as it is gets an `encoding`, such as windows-1252.",
    ),
    "MJ052": explanation(
        "a row that is not CSV",
        "A cell that holds the delimiter, a line break or quotes stands in double quotes, and the quotes in it are\n"
        "doubled. A quote that is never closed takes in the rest of the file.",
        wrong='sku,name\nT-01,"the "big" one"',
        right='sku,name\nT-01,"the ""big"" one"',
    ),
    "MJ053": explanation(
        "a row with too many or too few cells",
        "Every row has a cell for each column of the header, so that no cell can slip into its neighbour's place.",
        wrong="sku,name\nT-01,teapot, blue",
        right='sku,name\nT-01,"teapot, blue"',
    ),
    "MJ054": explanation(
        "columns that cannot be told apart",
        "Every column has a name of its own. `unit price` is the variable `unit_price` in templates, so these two are\n"
        "one name.",
        wrong="sku,name,name\nT-01,teapot,blue",
        right="sku,name,colour\nT-01,teapot,blue",
    ),
    "MJ055": explanation(
        "a line that is not a JSON object",
        "In a JSON Lines file every line is an object of its own, and names no column twice.",
        wrong='{"sku": "T-01", "name": "teapot"},',
        right='{"sku": "T-01", "name": "teapot"}',
    ),
    "MJ056": explanation(
        "a key column that is not there",
        "`key` names the columns whose cells make the names of jobs; the input has no such column.",
        wrong="inputs: {cups: {csv: products.csv, key: skew}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ name }}"}}}',
        right="inputs: {cups: {csv: products.csv, key: sku}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ name }}"}}}',
    ),
    "MJ057": explanation(
        "two rows of one key",
        "Keys name jobs, picks and files, so no two rows may have the same. Signs that files cannot bear become `-`,\n"
        "which may make two keys one: `a/b` and `a b`.",
        wrong="sku,name\nT-01,teapot\nT-01,mug",
        right="sku,name\nT-01,teapot\nT-02,mug",
    ),
    "MJ058": explanation(
        "one column in two inputs",
        "A node sees the columns of all its inputs, and of the jobs that it starts from, under their names. If two\n"
        "had one name, it would not be plain which one a template means.",
        wrong="inputs: {cups: {rows: [{name: mug}]}, looks: {rows: [{name: studio}]}}\n"
        'nodes: {hero: {kind: generate, for_each: [cups, looks], params: {prompt: "{{ name }}"}}}',
        right="inputs: {cups: {rows: [{name: mug}]}, looks: {rows: [{look: studio}]}}\n"
        'nodes: {hero: {kind: generate, for_each: [cups, looks], params: {prompt: "{{ name }}, {{ look }}"}}}',
    ),
    "MJ059": explanation(
        "zipped inputs of unequal length",
        "`zip` walks inputs side by side, first row with first row. One that ends early was meant to be longer, or\n"
        "the other shorter.",
        wrong="inputs: {cups: {rows: [{name: mug}, {name: bowl}]}, looks: {rows: [{look: studio}]}}\n"
        'nodes: {hero: {kind: generate, for_each: {zip: [cups, looks]}, params: {prompt: "{{ name }}"}}}',
        right="inputs: {cups: {rows: [{name: mug}]}, looks: {rows: [{look: studio}]}}\n"
        'nodes: {hero: {kind: generate, for_each: {zip: [cups, looks]}, params: {prompt: "{{ name }}"}}}',
    ),
    "MJ060": explanation(
        "a column whose name is taken (a warning)",
        "In templates `key`, `image`, `number` and a few others have a meaning of their own. A column of such a name\n"
        "is still there, as `row['key']`.",
        wrong="key,name\nT-01,teapot",
        right="sku,name\nT-01,teapot",
    ),
    "MJ061": explanation(
        "an input without rows (a warning)",
        "The file has a header only, or `where` keeps no row: nodes that use it make nothing.",
        wrong="sku,name",
        right="sku,name\nT-01,teapot",
    ),
    "MJ062": explanation(
        "an input beyond its bounds",
        "A cell has at most a million characters (1,048,576), a row 16 times as many, an input 10,000 columns, and no\n"
        "text has a NUL character. There is no bound on the number of rows. A cell or row that is too long most often\n"
        "begins with a quote that is never closed; a NUL shows that a file is damaged or in another encoding.",
    ),
    "MJ065": explanation(
        "a template that is wrong",
        "It is not Jinja, uses a filter that is not there, is nested too deeply, or includes a file that is too large\n"
        "or outside the manifest's folder. Filters that are random are left out, because the same manifest has to\n"
        "ask for the same images. An expression, such as `where`, stands without braces.",
        wrong='nodes: {hero: {kind: generate, params: {prompt: "a {{ vars.name | shout }}"}}}\nvars: {name: teapot}',
        right='nodes: {hero: {kind: generate, params: {prompt: "a {{ vars.name | upper }}"}}}\nvars: {name: teapot}',
    ),
    "MJ066": explanation(
        "an unknown name in a template",
        "Templates see the columns of the node's rows, those of the jobs that it starts from, and `vars`. With\n"
        "several sources, only what all of them have. Paths also see `node`, `key`, `image`, `number`, `take`, `ext`.",
        wrong="inputs: {cups: {rows: [{name: mug}]}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ nmae }}"}}}',
        right="inputs: {cups: {rows: [{name: mug}]}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ name }}"}}}',
    ),
    "MJ067": explanation(
        "a template that fails",
        "It is well formed, but cannot be worked out for a row: it divides by zero, computes with text, or does more\n"
        "than a template may. What templates do is counted in steps (a loop's turn, a call, a hundred characters\n"
        "copied), never in time, so the same template has the same answer on every machine.",
        wrong="inputs: {cups: {rows: [{n: 0}]}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ 8 / (n | int) }} cups"}}}',
        right="inputs: {cups: {rows: [{n: 2}]}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ 8 / (n | int) }} cups"}}}',
    ),
    "MJ068": explanation(
        "the source's URL in a text",
        "The URL of an image is known when the image has been made, long after the plan. So `{{ source.url }}` can\n"
        "stand where a URL is wanted, as all of it, and nowhere else.",
        wrong="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n"
        '  alike: {kind: generate, from: hero, images: all, params: {prompt: "as {{ source.url }}"}}',
        right="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n"
        '  alike: {kind: generate, from: hero, images: all, params: {prompt: a cup, sref_urls: ["{{ source.url }}"]}}',
    ),
    "MJ070": explanation(
        "a value of the wrong type",
        "Cells are text; a param is made into what the API takes: a whole number, a number, true or false.",
        wrong='vars: {s: much}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, stylization: "{{ s }}"}}}',
        right='vars: {s: 250}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, stylization: "{{ s }}"}}}',
    ),
    "MJ071": explanation(
        "a value that the API does not have",
        "The field takes a few values only, and this is none of them.",
        wrong='vars: {r: 3x2}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, aspect_ratio: "{{ r }}"}}}',
        right='vars: {r: 3:2}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, aspect_ratio: "{{ r }}"}}}',
    ),
    "MJ072": explanation(
        "an empty prompt",
        "An empty cell means that a param is not given, but there is nothing to make without a prompt.",
        wrong='vars: {name: ""}\nnodes: {hero: {kind: generate, params: {prompt: "{{ name }}"}}}',
        right='vars: {name: teapot}\nnodes: {hero: {kind: generate, params: {prompt: "{{ name }}"}}}',
    ),
    "MJ073": explanation(
        "a prompt that is too long",
        "The service takes 2000 characters on some routes and 7500 bytes of UTF-8 on others; a prompt keeps both.",
        wrong="vars: {x: " + "tea" * 20 + "}\n"
        'nodes: {hero: {kind: generate, params: {prompt: "{% for n in range(50) %}{{ x }}{% endfor %}"}}}',
        right="vars: {x: " + "tea" * 20 + "}\n"
        'nodes: {hero: {kind: generate, params: {prompt: "{% for n in range(5) %}{{ x }}{% endfor %}"}}}',
    ),
    "MJ074": explanation(
        "a flag in a prompt",
        "The service drops a prompt's text from the first `--` on, without a word. What a flag would say has a field\n"
        "of its own: `--ar` is `aspect_ratio`, `--no` is `negative_prompt`.",
        wrong='vars: {name: teapot --ar 1:2}\nnodes: {hero: {kind: generate, params: {prompt: "a {{ name }}"}}}',
        right="vars: {name: teapot}\n"
        'nodes: {hero: {kind: generate, params: {prompt: "a {{ name }}", aspect_ratio: 1:2}}}',
    ),
    "MJ075": explanation(
        "a control character",
        "Characters below the space, apart from tabs and line breaks, come from a damaged file or a slip of the keys.",
        wrong='nodes: {hero: {kind: generate, params: {prompt: "a tea\\u0007pot"}}}',
        right='nodes: {hero: {kind: generate, params: {prompt: "a teapot"}}}',
    ),
    "MJ076": explanation(
        "not a public URL",
        "The service fetches reference images itself, so they have to be where everybody can fetch them.",
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
        "a draft that nobody can make",
        "Drafts are made by version 7, for generate alone.",
        wrong='vars: {s: draft}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, speed: "{{ s }}"}}}',
        right="vars: {s: draft}\n"
        'nodes: {hero: {kind: generate, params: {prompt: a teapot, speed: "{{ s }}", version: "7"}}}',
    ),
    "MJ079": explanation(
        "enhancing what is no draft",
        "`enhance` works on drafts of version 7, and on their rerolls. The rows of the source bring other jobs too:\n"
        "leave them out with `where`.",
        wrong="inputs: {speeds: {rows: [{s: draft}, {s: fast}]}}\nnodes:\n"
        '  hero: {kind: generate, for_each: speeds, params: {prompt: a teapot, speed: "{{ s }}", version: "7"}}\n'
        "  finer: {kind: enhance, from: hero, images: all}",
        right="inputs: {speeds: {rows: [{s: draft}, {s: fast}]}}\nnodes:\n"
        '  hero: {kind: generate, for_each: speeds, params: {prompt: a teapot, speed: "{{ s }}", version: "7"}}\n'
        "  finer: {kind: enhance, from: hero, images: all, where: s == 'draft'}",
    ),
    "MJ080": explanation(
        "a number out of its usual range (a warning)",
        "The page names no range for this field, older pages do. The service may refuse the number or change it.",
        wrong='vars: {s: 5000}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, stylization: "{{ s }}"}}}',
        right='vars: {s: 500}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, stylization: "{{ s }}"}}}',
    ),
    "MJ081": explanation(
        "relaxed is fast (a warning)",
        "The service still takes `relaxed`, but does and bills it as `fast`, so `fast` is what is planned and sent.",
        wrong='vars: {s: relaxed}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, speed: "{{ s }}"}}}',
        right='vars: {s: fast}\nnodes: {hero: {kind: generate, params: {prompt: a teapot, speed: "{{ s }}"}}}',
    ),
    "MJ082": explanation(
        "an object that is not what the field takes",
        "`mask`, `canvas` and `imgPos` are objects, a reference is a URL or an object of `url` and `weight`: YAML\n"
        "with templates at its leaves, or one template that gives JSON.",
        wrong="vars: {c: 640x480}\nnodes:\n"
        '  fix: {kind: edit, params: {prompt: a lid, image_urls: https://example.com/1.png, canvas: "{{ c }}"}}',
        right="vars: {w: 640}\nnodes:\n"
        "  fix:\n    kind: edit\n"
        '    params: {prompt: a lid, image_urls: https://example.com/1.png, canvas: {width: "{{ w }}", height: 480}}',
    ),
    "MJ085": explanation(
        "a path that could leave its folder",
        "Images stay below `outputs.dir`, on every system: the path's own text has no `..`, no `:`, no `\\` and no\n"
        "leading `/`. In values these are replaced.",
        wrong='outputs: {path: "../{{ key }}-{{ image }}.{{ ext }}"}',
        right='outputs: {path: "images/{{ key }}-{{ image }}.{{ ext }}"}',
    ),
    "MJ086": explanation(
        "two images with one path",
        "One of them would have to give way. Two paths are one if they differ by capitals only, because some file\n"
        "systems do not tell those apart.",
        wrong='outputs: {path: "{{ node }}.{{ ext }}"}',
        right='outputs: {path: "{{ node }}-{{ image }}.{{ ext }}"}',
    ),
    "MJ087": explanation(
        "a path without the image's ending (a warning)",
        "What kind of file comes shows when it is there. `{{ ext }}`, by itself, stands for the right ending.",
        wrong='outputs: {path: "{{ key }}-{{ image }}.png"}',
        right='outputs: {path: "{{ key }}-{{ image }}.{{ ext }}"}',
    ),
    "MJ088": explanation(
        "two jobs of one key",
        "Two sources came out as one name: image 1 of `a-0` and image 0-1 of `a` are both `a-0-1`. Another name for\n"
        "one of the nodes tells them apart.",
        wrong="nodes:\n"
        "  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  a: {kind: vary, from: hero, images: [0], params: {type: 0}}\n"
        "  a-0: {kind: generate, params: {prompt: a cup}}\n"
        "  big: {kind: upscale, from: [a, a-0], images: [1], params: {type: 0}}",
        right="nodes:\n"
        "  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  a: {kind: vary, from: hero, images: [0], params: {type: 0}}\n"
        "  b: {kind: generate, params: {prompt: a cup}}\n"
        "  big: {kind: upscale, from: [a, b], images: [1], params: {type: 0}}",
    ),
    "MJ089": explanation(
        "a path that picks would share (a warning)",
        "As long as one image of each job is picked, all is well; with two, the second would have the first's path.",
        wrong='outputs: {path: "{{ node }}-{{ number }}.{{ ext }}"}\nnodes:\n'
        "  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  big: {kind: upscale, from: hero, images: pick, params: {type: 0}}",
        right='outputs: {path: "{{ node }}-{{ image }}.{{ ext }}"}\nnodes:\n'
        "  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  big: {kind: upscale, from: hero, images: pick, params: {type: 0}}",
    ),
    "MJ090": explanation(
        "a picks file with a mistake",
        "One line is one decision about the images of a job, for one consumer node or, with an empty node, for all.\n"
        "`mjpipe pick M KEY` writes such lines; so can a person or a spreadsheet.",
        wrong="key,node,decision,images\nhero/T-01/studio,final,yes,two",
        right="key,node,decision,images\nhero/T-01/studio,final,pick,2",
    ),
    "MJ091": explanation(
        "a reroll that the service does not offer",
        "It repeats generations, variations and rerolls; an edit, an upscale or an enhancement has no other images to\n"
        "give. Reroll the job that it started from, whose follow-ups are then made again, or take the line out of the\n"
        "picks file.",
    ),
    "MJ092": explanation(
        "a pick about nothing (a warning)",
        "No job has the key of the line, or no node its consumer's name, so the line decides nothing. Lines that name\n"
        "a task are not told here: `mjpipe status M` lists those whose task is not the present one.",
        wrong="key,node,decision,images\nhero/T-01/studo,,pick,2",
        right="key,node,decision,images\nhero/T-01/studio,,pick,2",
    ),
    "MJ093": explanation(
        "a pick of an image that the job does not have",
        "Images count from 0, so that the first of four is 0 and the last is 3. Who counted from 1 has chosen other\n"
        "images in the other lines, too. An image that was planned and did not come is no mistake: what starts from\n"
        "it is skipped.",
    ),
    "MJ094": explanation(
        "a place that is not for images",
        "Below `outputs.dir`, `report/` and `assets.jsonl` are written again after each run, and names that begin\n"
        "with a dot are for what is set aside or under way. Capitals make no difference. Images that an earlier\n"
        "release has brought there move to their new places, which costs nothing.",
        wrong='outputs: {path: "report/{{ key }}-{{ image }}.{{ ext }}"}',
        right='outputs: {path: "images/{{ key }}-{{ image }}.{{ ext }}"}',
    ),
}
