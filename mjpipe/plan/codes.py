"""What each diagnostic of a plan means, at more length than its message."""

from mjpipe.manifest import explanation

EXPLANATIONS = {
    "MJ050": explanation(
        "an input file that cannot be read",
        "The file does not exist, is empty, is a pipe or a device, or you have no permission to read it. Its path is\n"
        "relative to the folder of the manifest.",
    ),
    "MJ051": explanation(
        "an input file in another encoding",
        "Input files are UTF-8, or UTF-16 with a byte order mark, unless the input says otherwise. Spreadsheets\n"
        "offer `CSV UTF-8` when they save. For a file that has to stay as it is, set `encoding`: the help says\n"
        "how the text would read in the likely ones.",
    ),
    "MJ052": explanation(
        "a row that is not CSV",
        "Put a cell that contains the delimiter, a line break or quotes in double quotes, and double the quotes\n"
        "inside it. An unclosed quote takes in the rest of the file.",
        wrong='sku,name\nT-01,"the "big" one"',
        right='sku,name\nT-01,"the ""big"" one"',
    ),
    "MJ053": explanation(
        "a row with too many or too few cells",
        "Every row needs a cell for each column of the header that a template uses, and no more. Otherwise cells\n"
        "could slip into the wrong column.",
        wrong="sku,name\nT-01,teapot, blue",
        right='sku,name\nT-01,"teapot, blue"',
    ),
    "MJ054": explanation(
        "two columns with the same name",
        "Every column needs a name of its own. In templates `unit price` is the variable `unit_price`, so these two\n"
        "count as the same name.",
        wrong="sku,name,name\nT-01,teapot,blue",
        right="sku,name,colour\nT-01,teapot,blue",
    ),
    "MJ055": explanation(
        "a line that is not a JSON object",
        "In a JSON Lines file every line is one object, in which each name appears once.",
        wrong='{"sku": "T-01", "name": "teapot"},',
        right='{"sku": "T-01", "name": "teapot"}',
    ),
    "MJ056": explanation(
        "an unknown key column",
        "`key` lists columns of the input. Their cells become part of the names of jobs.",
        wrong="inputs: {cups: {csv: products.csv, key: skew}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ name }}"}}}',
        right="inputs: {cups: {csv: products.csv, key: sku}}\n"
        'nodes: {hero: {kind: generate, for_each: cups, params: {prompt: "{{ name }}"}}}',
    ),
    "MJ057": explanation(
        "two rows with the same key",
        "Keys name jobs, picks and files, so every row needs its own. Characters that file names cannot have become\n"
        "`-`, so two keys may become equal: `a/b` and `a b`.",
        wrong="sku,name\nT-01,teapot\nT-01,mug",
        right="sku,name\nT-01,teapot\nT-02,mug",
    ),
    "MJ058": explanation(
        "one column in two inputs",
        "A node sees the columns of all its inputs and of the jobs that it starts from. If two had the same name, it\n"
        "would be unclear which one a template means.",
        wrong="inputs: {cups: {rows: [{name: mug}]}, looks: {rows: [{name: studio}]}}\n"
        'nodes: {hero: {kind: generate, for_each: [cups, looks], params: {prompt: "{{ name }}"}}}',
        right="inputs: {cups: {rows: [{name: mug}]}, looks: {rows: [{look: studio}]}}\n"
        'nodes: {hero: {kind: generate, for_each: [cups, looks], params: {prompt: "{{ name }}, {{ look }}"}}}',
    ),
    "MJ059": explanation(
        "zipped inputs of unequal length",
        "`zip` combines inputs row by row: first with first, second with second. If one ends early, rows are missing\n"
        "from it, or the other has too many.",
        wrong="inputs: {cups: {rows: [{name: mug}, {name: bowl}]}, looks: {rows: [{look: studio}]}}\n"
        'nodes: {hero: {kind: generate, for_each: {zip: [cups, looks]}, params: {prompt: "{{ name }}"}}}',
        right="inputs: {cups: {rows: [{name: mug}]}, looks: {rows: [{look: studio}]}}\n"
        'nodes: {hero: {kind: generate, for_each: {zip: [cups, looks]}, params: {prompt: "{{ name }}"}}}',
    ),
    "MJ060": explanation(
        "a column whose name is taken (a warning)",
        "In templates `key`, `image`, `number` and a few others have a meaning of their own. Write `row['key']`\n"
        "to use a column with such a name.",
        wrong="key,name\nT-01,teapot",
        right="sku,name\nT-01,teapot",
    ),
    "MJ061": explanation(
        "an input without rows (a warning)",
        "The file has only a header, or `where` drops every row. Nodes that use the input make nothing.",
        wrong="sku,name",
        right="sku,name\nT-01,teapot",
    ),
    "MJ062": explanation(
        "an input beyond its bounds",
        "A cell has at most a million characters (1,048,576), a row 16 times as many, and an input 10,000\n"
        "columns. The number of rows is unlimited. If a cell or row is too long, look for an unclosed quote at\n"
        "its beginning. A NUL character means that the file is damaged or in another encoding.",
    ),
    "MJ063": explanation(
        "a git conflict in a file of rows",
        "Git could not merge two versions of the file, and left both in it. Reading stops there, because the rows\n"
        "of both sides would be bought. Keep the lines that are right, and delete the marks.",
        wrong="sku,name\n<<<<<<< HEAD\nT-01,red teapot\n=======\nT-01,blue teapot\n>>>>>>> autumn",
        right="sku,name\nT-01,red teapot",
    ),
    "MJ064": explanation(
        "two files that were joined",
        "The header, or the mark that begins a file, stands in the middle of it. Delete the second\n"
        "header; if the columns differ, keep the files apart, as two inputs.",
        wrong="sku,name\nT-01,teapot\nsku,name\nT-02,mug",
        right="sku,name\nT-01,teapot\nT-02,mug",
    ),
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
    "MJ085": explanation(
        "a path that could leave its folder",
        "Images stay below `outputs.dir`, on every system. So the text of a path may have no `..`, `:` or `\\` and no\n"
        "leading `/`. In values they are replaced.",
        wrong='outputs: {path: "../{{ key }}-{{ image }}.{{ ext }}"}',
        right='outputs: {path: "images/{{ key }}-{{ image }}.{{ ext }}"}',
    ),
    "MJ086": explanation(
        "two images with one path",
        "One image would replace the other. Paths that differ only in capitals count as the same, because some file\n"
        "systems treat them so.",
        wrong='outputs: {path: "{{ node }}.{{ ext }}"}',
        right='outputs: {path: "{{ node }}-{{ image }}.{{ ext }}"}',
    ),
    "MJ087": explanation(
        "a path without the image's ending (a warning)",
        "The type of an image is known only when it has come. `{{ ext }}` stands for the right ending.",
        wrong='outputs: {path: "{{ key }}-{{ image }}.png"}',
        right='outputs: {path: "{{ key }}-{{ image }}.{{ ext }}"}',
    ),
    "MJ088": explanation(
        "two jobs with the same key",
        "The names of two sources become equal: image 1 of `a-0` and image 0-1 of `a` are both `a-0-1`. Rename one of\n"
        "the nodes.",
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
        "a path that two picks would share (a warning)",
        "With one picked image per job, all is well. With two, both would have the same path.",
        wrong='outputs: {path: "{{ node }}-{{ number }}.{{ ext }}"}\nnodes:\n'
        "  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  big: {kind: upscale, from: hero, images: pick, params: {type: 0}}",
        right='outputs: {path: "{{ node }}-{{ image }}.{{ ext }}"}\nnodes:\n'
        "  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  big: {kind: upscale, from: hero, images: pick, params: {type: 0}}",
    ),
    "MJ090": explanation(
        "a picks file with a mistake",
        "A line is one decision about the images of a job: for one consumer node or, if `node` is empty, for all.\n"
        "`mjpipe pick M KEY` writes such lines. You can also write them by hand or in a spreadsheet.",
        wrong="key,node,decision,images\nhero/T-01/studio,final,yes,two",
        right="key,node,decision,images\nhero/T-01/studio,final,pick,2",
    ),
    "MJ091": explanation(
        "a reroll that the service does not offer",
        "It can repeat generations, variations and rerolls, but no edit, upscale or enhancement. Reroll the job\n"
        "that it started from: its follow-ups are then made again. Or delete the line in the picks file.",
    ),
    "MJ092": explanation(
        "a pick without a job (a warning)",
        "No job has the key of the line, or no node has the name of its consumer, so the line has no effect.\n"
        "Lines for an earlier task are not reported here: `mjpipe status M` lists them as stale picks.",
        wrong="key,node,decision,images\nhero/T-01/studo,,pick,2",
        right="key,node,decision,images\nhero/T-01/studio,,pick,2",
    ),
    "MJ093": explanation(
        "a pick of an image that the job does not have",
        "Images are numbered from 0: the first of four is 0, the last is 3. If you counted from 1, your other lines\n"
        "name the wrong images too. A planned image that did not come is no mistake: jobs that start from it are\n"
        "skipped.",
    ),
    "MJ094": explanation(
        "a path that is reserved",
        "Below `outputs.dir`, mjpipe writes `report/` and `assets.jsonl` after each run, and uses names that\n"
        "begin with a dot for temporary files and files set aside. Capitals make no difference. Images that an\n"
        "earlier release put there move to their new places, at no cost.",
        wrong='outputs: {path: "report/{{ key }}-{{ image }}.{{ ext }}"}',
        right='outputs: {path: "images/{{ key }}-{{ image }}.{{ ext }}"}',
    ),
    "MJ095": explanation(
        "two picks that differ, and no time says which is the later one",
        "Of several lines for one key, node and task the one with the latest time in `at` counts, wherever it stands.\n"
        "Without times the order of lines decides nothing, because a merge may change it. Lines that say the same\n"
        "do no harm.",
        wrong="key,node,decision,images\nhero/T-01/studio,,pick,2\nhero/T-01/studio,,pick,0",
        right="key,node,decision,images,at\nhero/T-01/studio,,pick,2,2026-03-31T14:30:00Z\n"
        "hero/T-01/studio,,pick,0,2026-03-31T15:10:00Z",
    ),
    "MJ096": explanation(
        "picks that are out of date (a warning)",
        "A pick is for the images that were there when it was made. This plan makes these jobs again, or they were\n"
        "made again since, so other images will be there: the pick is ignored, and the jobs wait for a new one.\n"
        "Undo the change, and the picks count again. `mjpipe status M` lists them with their lines.",
    ),
    "MJ099": explanation(
        "a comparison with another result than in the release that began the campaign",
        "Older releases found no text equal to a number: `stock != 0` held for every row. Texts that are numbers are\n"
        "compared as such now. Where that changes a request or keeps other rows, in a campaign that an older release\n"
        "has paid for, it is an error, so that nothing is paid again for it: `stock | number != 0` says that you mean\n"
        "numbers. To keep what was made, take the comparison out.",
    ),
    "MJ100": explanation(
        "a file that holds no rows of text",
        "A workbook, a document, an archive or a web page was given where CSV or JSON Lines are read. Open it in the\n"
        "program that it is for, and save the table as CSV UTF-8.",
    ),
    "MJ101": explanation(
        "a row that is probably none (a warning)",
        "It begins like a sum (`Total`), or all columns that the prompt is made of are empty in it, or it has names\n"
        "of columns below the header (`item_sku`, `item_name`). It would be bought as any other row.",
        wrong="sku,name,note\nT-01,teapot,new\nTotal,1 piece,",
        right="sku,name,note\nT-01,teapot,new",
    ),
    "MJ102": explanation(
        "signs that nobody sees",
        "Spaces of no width, soft hyphens and spaces that do not break come along when text is copied. Two keys that\n"
        "differ only in them are an error, because one product would be bought twice. In other cells that are sent\n"
        "they are a warning.",
    ),
    "MJ103": explanation(
        "a row that ends early (a warning)",
        "Some programs leave out the delimiters of empty cells at the end of a row. These cells are read as empty, as\n"
        "long as no template uses their columns: else it is the error MJ053.",
        wrong="sku,name,note\nT-01,teapot",
        right="sku,name,note\nT-01,teapot,",
    ),
    "MJ104": explanation(
        "a row without a key (a warning)",
        "All columns of the `key` are empty in it. Shops write such rows for further images of a product: leave\n"
        "them out with `where`.",
        wrong="sku,name\nT-01,teapot\n,lid",
        right="sku,name\nT-01,teapot\nT-02,lid",
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
    "MJ120": explanation(
        "more jobs than a campaign can have",
        "Images, takes and rows multiply: each level of `images: all` makes four jobs of one, and each input in a\n"
        "`for_each` multiplies those before it. Nothing is planned beyond a million jobs, which no budget is made\n"
        "for. `images: pick` counts as if every image were picked.",
        wrong="nodes:\n"
        "  hero: {kind: generate, take: 100, params: {prompt: a teapot}}\n"
        "  warm: {kind: vary, from: hero, images: all, take: 100, params: {type: 0}}\n"
        "  final: {kind: vary, from: warm, images: all, take: 10, params: {type: 1}}",
        right="nodes:\n"
        "  hero: {kind: generate, take: 100, params: {prompt: a teapot}}\n"
        "  warm: {kind: vary, from: hero, images: [0], params: {type: 0}}\n"
        "  final: {kind: vary, from: warm, images: all, params: {type: 1}}",
    ),
    "MJ121": explanation(
        "a path that the system has no room for",
        "The system limits how long a path may be, with the output folder, and how long each name in it is. An\n"
        "image that has no place would be paid for and could not be written, so that this is found before.",
        wrong='outputs: {path: "{% for n in range(300) %}a-long-name-{{ n }}/{% endfor %}{{ image }}.{{ ext }}"}',
        right='outputs: {path: "{{ key }}-{{ image }}.{{ ext }}"}',
    ),
}
