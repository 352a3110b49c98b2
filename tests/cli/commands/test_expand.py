"""`mjpipe expand` and `mjpipe show` tell of planned requests what a run would send, in the words of the manifest."""

import json

from tests.cli.program import Mjpipe

MANIFEST = r"""
mjpipe: 1
campaign: signs
nodes:
  hero: {kind: generate, params: {prompt: 'a sign that says \u001b, and \u001a'}}
  edited: {kind: edit, from: hero, images: [0], params: {prompt: brighter}}
"""

PLANNED = {
    "hero": {"mode": "text-to-image", "prompt": r"a sign that says \u001b, and \u001a", "speed": "fast"},
    "edited/0": {"mode": "image-edit", "prompt": "brighter", "image_urls": ["{{ source.url }}"], "speed": "fast"},
}


def test_what_only_a_run_can_know_is_reported_in_the_words_of_the_manifest(mjpipe: Mjpipe) -> None:
    (mjpipe.folder / "m.yaml").write_text(MANIFEST, "utf-8")
    lines = [json.loads(line) for line in mjpipe("expand", "m.yaml").stdout.splitlines()]
    assert {line["key"]: line["request"] for line in lines} == PLANNED
    assert lines[1]["paths"] == [f"edited/0-{number}.{{{{ ext }}}}" for number in range(4)]
    for line in lines:
        shown = json.loads(mjpipe("show", "m.yaml", line["key"], "--json").stdout)
        assert (shown["request"], shown["paths"]) == (line["request"], line["paths"])
        assert shown["fingerprint_of"]["input"] == line["request"]


def test_a_table_says_the_same(mjpipe: Mjpipe) -> None:
    (mjpipe.folder / "m.yaml").write_text(MANIFEST, "utf-8")
    header, hero, _ = mjpipe("expand", "m.yaml", "--format", "csv").stdout.splitlines()
    assert header == "key,node,state,usd,fingerprint,source,image,request,paths,row,labels"
    assert r"a sign that says \\u001b, and \\u001a" in hero
