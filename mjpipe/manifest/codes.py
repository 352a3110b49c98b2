"""What each diagnostic of a manifest means, at more length than its message."""

from dataclasses import dataclass
from textwrap import indent


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """`title` in a few words; `text` says why, and shows what is wrong and what is right."""

    title: str
    text: str


def explanation(title: str, why: str, *, wrong: str = "", right: str = "") -> Explanation:
    """What a code means; `wrong` and `right` are pieces of a manifest, or lines of an input file."""
    shown = [f"{label}:\n{indent(piece, '    ')}" for label, piece in (("wrong", wrong), ("right", right)) if piece]
    return Explanation(title=title, text="\n".join([why, *shown]) + "\n")


EXPLANATIONS = {
    "MJ001": explanation(
        "the manifest cannot be read",
        "The file is not there, may not be read, or is not UTF-8 text. Save it as UTF-8 in your editor.",
    ),
    "MJ002": explanation(
        "not YAML",
        "The YAML parser gave up at this place; the mistake is often a line or two above it. Text with `: ` or\n"
        "` #` in it, or that starts with one of `{[*&!|>%@`, needs quotes or a block scalar.",
        wrong="nodes: {hero: {kind: generate, params: {prompt: a teapot: blue}}}",
        right='nodes: {hero: {kind: generate, params: {prompt: "a teapot: blue"}}}',
    ),
    "MJ003": explanation(
        "a key given twice",
        "Only one of the two can count, and the file does not say which.",
        wrong="vars:\n  brand: Kilnworks\n  brand: Potters",
        right="vars:\n  brand: Kilnworks",
    ),
    "MJ004": explanation(
        "too deep, or too many aliases",
        "A few lines of nested lists or aliases can stand for more values than fit into memory, so both are bounded.",
        wrong="vars: " + "[" * 50 + "]" * 50,
        right="vars: {brand: &brand Kilnworks, maker: *brand}",
    ),
    "MJ005": explanation(
        "YAML that a manifest does not use",
        "Tags, several documents in one file, keys that are lists, and aliases without an anchor.",
        wrong="vars: {size: !!str 8}",
        right='vars: {size: "8"}',
    ),
    "MJ006": explanation(
        "a secret in the manifest",
        "A manifest goes into git, and a copy of it into the state of the campaign. The API key belongs in the\n"
        "environment variable APIXO_API_KEY.",
        wrong="vars: {api_key: sk-123}",
        right="vars: {brand: Kilnworks}",
    ),
    "MJ010": explanation(
        "something is missing",
        "A manifest has `mjpipe`, `campaign` and `nodes`, and each node a `kind`. A kind that has a prompt needs one,\n"
        "and a kind that works on the tasks of another node needs a `from`.",
        wrong="nodes: {hero: {kind: generate}}",
        right="nodes: {hero: {kind: generate, params: {prompt: a teapot}}}",
    ),
    "MJ011": explanation(
        "an unknown key",
        "An unknown key is usually a misspelled one, so it is an error.",
        wrong="limits: {concurency: 4}",
        right="limits: {concurrency: 4}",
    ),
    "MJ012": explanation(
        "a param that the kind does not have",
        "Params use the API's field names, and each kind has its own. A default is a param of some kind.",
        wrong='nodes: {hero: {kind: generate, params: {prompt: a teapot, aspect-ratio: "1:1"}}}',
        right='nodes: {hero: {kind: generate, params: {prompt: a teapot, aspect_ratio: "1:1"}}}',
    ),
    "MJ013": explanation(
        "a value of the wrong type",
        "Values follow YAML 1.2: `no` and `16:9` are text, `true` is not. Numbers and booleans of params may also be\n"
        "templates. A key without a value is an error: it may be a slip.",
        wrong="nodes: {hero: {kind: generate, params: {prompt: a teapot, is_hd: no}}}",
        right="nodes: {hero: {kind: generate, params: {prompt: a teapot, is_hd: false}}}",
    ),
    "MJ014": explanation(
        "a value that is not offered",
        "The key or the API's field takes a few values only, and this is none of them.",
        wrong="nodes: {hero: {kind: generate, params: {prompt: a teapot, aspect_ratio: 4:5}}}",
        right="nodes: {hero: {kind: generate, params: {prompt: a teapot, aspect_ratio: 5:6}}}",
    ),
    "MJ015": explanation(
        "out of bounds",
        "A number is too small or too large, a text too long, or something is empty.",
        wrong="limits: {concurrency: 0}",
        right="limits: {concurrency: 1}",
    ),
    "MJ016": explanation(
        "not a name",
        "Names of nodes and inputs start with a letter and have letters, digits, `_` and `-`: they are parts of keys\n"
        "and paths. A campaign is a folder's name: letters, digits, `.`, `_` and `-`, and not ending in `.sandbox`.",
        wrong="inputs: {my products: {csv: products.csv}}",
        right="inputs: {my_products: {csv: products.csv}}",
    ),
    "MJ017": explanation(
        "another version of the format",
        "The file is written for a version of the format that this mjpipe does not know.",
        wrong="mjpipe: 2",
        right="mjpipe: 1",
    ),
    "MJ018": explanation(
        "an input with no, or more than one, source of rows",
        "An input has exactly one of `csv`, `jsonl`, `rows` and `matrix`, and only the keys that go with it.",
        wrong="inputs: {looks: {csv: looks.csv, matrix: {style: [studio]}}}",
        right="inputs: {looks: {matrix: {style: [studio]}}}",
    ),
    "MJ019": explanation(
        "a matrix that is probably a mistake",
        "An axis has a value twice, `exclude` leaves nothing, or the combinations do not fit into memory.\n"
        "An `exclude` that matches no combination is a warning: what it should leave out will be made and paid for.",
        wrong="inputs: {looks: {matrix: {style: [studio, studio]}}}",
        right="inputs: {looks: {matrix: {style: [studio, lifestyle]}}}",
    ),
    "MJ020": explanation(
        "rows with different columns",
        "All rows of an input have the same columns. Write a cell that is empty on purpose as empty.",
        wrong="inputs: {cups: {rows: [{name: mug, glaze: blue}, {name: bowl}]}}",
        right='inputs: {cups: {rows: [{name: mug, glaze: blue}, {name: bowl, glaze: ""}]}}',
    ),
    "MJ021": explanation(
        "an unknown node, input or column",
        "`from` names nodes, `for_each` inputs, `key` and `exclude` columns; the manifest has none of this name.",
        wrong="nodes: {hero: {kind: generate, for_each: products, params: {prompt: a teapot}}}",
        right="inputs: {products: {csv: products.csv}}\n"
        "nodes: {hero: {kind: generate, for_each: products, params: {prompt: a teapot}}}",
    ),
    "MJ022": explanation(
        "nodes in a circle",
        "Each of the nodes waits for another one's images, so none could ever start.",
        wrong="nodes:\n  a: {kind: vary, from: b, images: all}\n  b: {kind: vary, from: a, images: all}",
        right="nodes:\n  a: {kind: generate, params: {prompt: a teapot}}\n  b: {kind: vary, from: a, images: all}",
    ),
    "MJ023": explanation(
        "a follow-up that the service does not offer",
        "What can follow a result depends on the kind of task that made it: an upscale, for example, can be varied\n"
        "or edited, and not upscaled again.",
        wrong="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  large: {kind: upscale, from: hero, images: [0]}\n  larger: {kind: upscale, from: large, images: [0]}",
        right="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  large: {kind: upscale, from: hero, images: [0]}",
    ),
    "MJ024": explanation(
        "`images` is missing, or not allowed",
        "Each image that a follow-up starts from is a paid task, so there is no default: write `pick`, `all` or\n"
        "numbers. A reroll repeats the whole task and takes no `images`; neither does a node without `from`.",
        wrong="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n  large: {kind: upscale, from: hero}",
        right="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  large: {kind: upscale, from: hero, images: pick}",
    ),
    "MJ025": explanation(
        "an image that is never made",
        "Numbers count from 0: the images of a task that makes four are 0, 1, 2 and 3. docs/manifest.md says how many\n"
        "each kind makes.",
        wrong="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  large: {kind: upscale, from: hero, images: [4]}",
        right="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  large: {kind: upscale, from: hero, images: [3]}",
    ),
    "MJ026": explanation(
        "enhance without a draft",
        "The service enhances only drafts and their rerolls; nothing else may stand in between.",
        wrong="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  fine: {kind: enhance, from: hero, images: pick}",
        right='nodes:\n  hero: {kind: generate, params: {prompt: a teapot, speed: draft, version: "7"}}\n'
        "  fine: {kind: enhance, from: hero, images: pick}",
    ),
    "MJ027": explanation(
        "`was` names what is still there, or what another node has taken",
        "`was` says under which name a node's results were paid for. Only one node can have them.\n"
        "At the top it says which name the campaign had; that cannot be its present name.",
        wrong="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}, was: cup}\n"
        "  cup: {kind: generate, params: {prompt: a cup}}",
        right="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}, was: cup}",
    ),
    "MJ028": explanation(
        "named twice",
        "The same node, input, column or image number stands twice in a list. Keep one of them.",
        wrong="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  large: {kind: upscale, from: [hero, hero], images: pick}",
        right="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  large: {kind: upscale, from: [hero], images: pick}",
    ),
    "MJ031": explanation(
        "`--` in a prompt",
        "The service silently drops a prompt from the first `--` on. Inline flags have fields of their own.",
        wrong="nodes: {hero: {kind: generate, params: {prompt: a teapot --ar 16:9}}}",
        right="nodes: {hero: {kind: generate, params: {prompt: a teapot, aspect_ratio: 16:9}}}",
    ),
    "MJ032": explanation(
        "a prompt that is empty or too long",
        "The routes of the service take 2000 characters or 7500 bytes; a prompt must stay within both.",
        wrong='nodes: {hero: {kind: generate, params: {prompt: ""}}}',
        right="nodes: {hero: {kind: generate, params: {prompt: a teapot}}}",
    ),
    "MJ033": explanation(
        "a draft that cannot be made",
        "Only generate with version 7 makes drafts.",
        wrong="nodes: {hero: {kind: generate, params: {prompt: a teapot, speed: draft}}}",
        right='nodes: {hero: {kind: generate, params: {prompt: a teapot, speed: draft, version: "7"}}}',
    ),
    "MJ034": explanation(
        "relaxed is fast",
        "The service still accepts `relaxed`, but runs and bills it as `fast`. A warning.",
        wrong="nodes: {hero: {kind: generate, params: {prompt: a teapot, speed: relaxed}}}",
        right="nodes: {hero: {kind: generate, params: {prompt: a teapot, speed: fast}}}",
    ),
    "MJ035": explanation(
        "an unusual value",
        "The API's page gives no range for this field, but older pages do, and the value lies outside. A warning.",
        wrong="nodes: {hero: {kind: generate, params: {prompt: a teapot, stylization: 1500}}}",
        right="nodes: {hero: {kind: generate, params: {prompt: a teapot, stylization: 1000}}}",
    ),
    "MJ036": explanation(
        "not a public URL",
        "The service fetches reference images itself: it cannot see files on your machine.",
        wrong="nodes: {hero: {kind: generate, params: {prompt: a teapot, image_urls: [photos/pot.png]}}}",
        right='nodes: {hero: {kind: generate, params: {prompt: a teapot, image_urls: ["https://example.com/pot.png"]}}}',
    ),
    "MJ037": explanation(
        "too many images, or none",
        "An edit takes exactly one image, from its `from` or as a URL. A generate takes at most 20 `image_urls`.",
        wrong="nodes: {clean: {kind: edit, params: {prompt: no cup}}}",
        right='nodes: {clean: {kind: edit, params: {prompt: no cup, image_urls: ["https://example.com/pot.png"]}}}',
    ),
    "MJ038": explanation(
        "image-to-image without an image",
        "The mode needs at least one of `image_urls`, `sref_urls`, `cref_urls` and `oref_urls`, or a `from`.",
        wrong="nodes: {hero: {kind: generate, params: {prompt: a teapot, mode: image-to-image}}}",
        right="nodes: {hero: {kind: generate, params: {prompt: a teapot, mode: image-to-image,\n"
        '  sref_urls: ["https://example.com/style.png"]}}}',
    ),
    "MJ039": explanation(
        "text-to-image from images",
        "A generate with `from` starts from the chosen images, which is image-to-image.",
        wrong="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  next: {kind: generate, from: hero, images: pick, params: {prompt: a cup, mode: text-to-image}}",
        right="nodes:\n  hero: {kind: generate, params: {prompt: a teapot}}\n"
        "  next: {kind: generate, from: hero, images: pick, params: {prompt: a cup}}",
    ),
    "MJ040": explanation(
        "a price for an unknown kind or mode",
        "A price is named for a kind or a mode. Where a request has a speed, `/SPEED` may follow, and for generate\n"
        "`/hd`.",
        wrong="prices: {vary/turbo: 0.30}",
        right="prices: {vary: 0.30, generate/turbo/hd: 0.55}",
    ),
    "MJ041": explanation(
        "not an amount of money",
        "Amounts are plain decimals in US dollars with at most six decimals; they are kept exactly.",
        wrong="limits: {budget: 1_000}",
        right="limits: {budget: 1000.00}",
    ),
    "MJ042": explanation(
        "a price file that cannot be read",
        "`prices` names a TOML or YAML file, relative to the manifest, which maps kinds to amounts.",
        wrong="prices: no-such-file.toml",
        right="prices: {enhance: 0.10}",
    ),
    "MJ116": explanation(
        "a text that ends at ` #` (a warning)",
        "In YAML without quotes, `#` behind a space begins a comment: a colour such as `#ff8800` ends the text, and\n"
        "pictures of half a prompt are paid for.",
        wrong="nodes:\n  hero:\n    kind: generate\n    params:\n      prompt: a jug in #ff8800 glaze, studio light",
        right='nodes:\n  hero:\n    kind: generate\n    params:\n      prompt: "a jug in #ff8800 glaze, studio light"',
    ),
    "MJ117": explanation(
        "a text in typographic quotes (a warning)",
        "YAML knows straight quotes only. Curly ones, from a word processor or a chat, are part of the text and sent.",
        wrong="vars: {brand: \u201cKilnworks\u201d}",
        right='vars: {brand: "Kilnworks"}',
    ),
    "MJ043": explanation(
        "receipts that would be lost with the images",
        "Receipts say what was paid for when the state is lost. In the output folder, which can be made again and is\n"
        "deleted at times, they would be lost as well.",
        wrong="outputs: {dir: pictures}\nreceipts: pictures/receipts",
        right="outputs: {dir: pictures}\nreceipts: paid",
    ),
}
"""By code; `mjpipe explain CODE` prints them."""
