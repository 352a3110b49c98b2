"""What the diagnostics about nodes, rows, jobs and image paths mean, at more length than their messages."""

from mjpipe.manifest import explanation

JOB_CODES = {
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
    "MJ094": explanation(
        "a path that is reserved",
        "Below `outputs.dir`, mjpipe writes `report/` and `assets.jsonl` after each run, and uses names that\n"
        "begin with a dot for temporary files and files set aside. Capitals make no difference. Images that an\n"
        "earlier release put there move to their new places, at no cost.",
        wrong='outputs: {path: "report/{{ key }}-{{ image }}.{{ ext }}"}',
        right='outputs: {path: "images/{{ key }}-{{ image }}.{{ ext }}"}',
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
