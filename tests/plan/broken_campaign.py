"""A campaign that uses all there is, to be broken line by line."""

import re
from collections.abc import Iterator
from pathlib import Path

MANIFEST = """\
mjpipe: 1
campaign: test
vars:
  brand: Kiln
  mood: calm
inputs:
  products:
    csv: products.csv
    key: sku
    where: stock != '0'
    limit: 5
    delimiter: ","
    encoding: utf-8
  lines:
    jsonl: lines.jsonl
    key: id
  looks:
    matrix:
      style: [studio, beach]
      light: [dawn, dusk]
      exclude:
        - {style: beach, light: dusk}
      include:
        - {style: macro, light: dawn}
  scenes:
    key: place
    rows:
      - {place: hall, ratio: 1:1}
      - {place: yard, ratio: 2:3}
defaults:
  speed: draft
  version: "7"
  remixPrompt: warmer
outputs:
  dir: out
  path: "{{ node }}/{{ key }}-{{ image }}.{{ ext }}"
limits:
  budget: 20
picks: picks.csv
prices:
  enhance: 0.10
nodes:
  hero:
    kind: generate
    for_each: [products, looks]
    where: style != 'macro' and name != 'x'
    take: 2
    labels:
      season: "{{ brand }} {{ light }}"
    params:
      prompt: "a {{ name }} by {{ brand }}, {{ style }}"
      negative_prompt: "{{ vars.mood }} {{ row['unit price'] }}"
      aspect_ratio: "{{ ratio }}"
      stylization: "{{ stylize }}"
      image_urls: ["https://example.com/{{ sku }}.png"]
      sref_urls:
        - {url: "https://example.com/{{ sku }}.png", weight: "{{ stylize }}"}
  again:
    kind: reroll
    from: hero
  finer:
    kind: enhance
    from: [hero, again]
    images: pick
    where: style == 'studio'
  alternate:
    kind: vary
    from: hero
    images: [0, 3]
    was: other
    params:
      type: 1
      remixPrompt: "{{ name }} {{ light }}"
  final:
    kind: upscale
    from: [alternate, hero]
    images: all
    params:
      type: "{{ kind }}"
  fixed:
    kind: edit
    for_each: [lines]
    from: alternate
    images: [1]
    params:
      speed: fast
      prompt: "no {{ tag }} {{ source.key }}"
      mask: {areas: [{width: 1, height: 2, points: [1, 2]}]}
      canvas: {width: 100, height: "{{ size }}"}
  alone:
    kind: edit
    for_each: {zip: [scenes, lines]}
    params:
      prompt: "{{ place }} {{ tag }}"
      speed: turbo
      image_urls: https://example.com/{{ id }}.png
  like:
    kind: generate
    from: alternate
    images: all
    params:
      prompt: like {{ name }}
      cref_urls: ["{{ source.url }}"]
  refs:
    kind: generate
    for_each: scenes
    params:
      mode: image-to-image
      prompt: "{{ place }}"
      aspect_ratio: "{{ ratio }}"
      oref_urls: https://example.com/a.png
  drafts:
    kind: generate
    for_each: scenes
    params:
      speed: "{% if place == 'hall' %}draft{% else %}draft{% endif %}"
      prompt: "{{ place }}"
  beside:
    kind: generate
    params:
      prompt: "a cup by {{ barnd }}"
      stylization: "{{ 'much' }}"
"""

BESIDE = {
    ("campaign.yaml", 121, "`barnd` is not defined here"),
    ("campaign.yaml", 122, "`stylization` takes a whole number, not `much`"),
}
"""What is wrong with the last node, whatever else is."""

FILES = {
    "products.csv": "sku,name,ratio,stylize,stock,unit price,kind\n"
    "A,cup,1:1,100,1,3,0\nB,pot,2:3,,2,4,1\nC,bad,9:9,zzz,0,4,7\n",
    "lines.jsonl": '{"id": "1", "tag": "rim", "size": 10}\n{"id": "2", "tag": "lid", "size": 20}\n',
}


def write_files(folder: Path) -> None:
    for name, content in FILES.items():
        (folder / name).write_text(content)


def lines_with_keys() -> Iterator[tuple[int, str, str]]:
    """Number, key and value of each line, with the keys above it."""
    above: dict[int, str] = {}
    for number, line in enumerate(MANIFEST.splitlines()):
        found = re.fullmatch(r"( *)(\w+):(.*)", line)
        if found:
            indent = len(found[1])
            above = {at: key for at, key in above.items() if at < indent}
            yield number, "/".join([*above.values(), found[2]]), found[3].strip()
            above[indent] = found[2]


LINES = [line for line in lines_with_keys() if not line[1].startswith("nodes/beside")]


def with_line(number: int, key: str, value: str, text: str = MANIFEST) -> str:
    lines = text.splitlines(keepends=True)
    indent = len(lines[number]) - len(lines[number].lstrip())
    lines[number] = f"{' ' * indent}{key}: {value}\n"
    return "".join(lines)
