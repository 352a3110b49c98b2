"""`mjpipe expand` and `mjpipe show` tell of planned requests what a run would send, in the words of the manifest."""

import csv
import json
import subprocess
import sys

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


TABLE = """
mjpipe: 1
campaign: table
inputs: {products: {csv: products.csv, key: sku}}
nodes:
  hero:
    kind: generate
    for_each: [products]
    params: {prompt: "{{ name }} on linen", stylization: 250, cref_urls: "{{ pictures }}"}
    labels: {season: spring}
"""

PRODUCTS = '''sku,name,Größe,pictures
T-1,=cmd|A1,"8""",https://a.example/1.png https://a.example/2.png
T-2,"jug, blue",-3,
'''


def test_a_table_has_a_column_for_each_field_of_a_request_and_each_column_of_a_row(mjpipe: Mjpipe) -> None:
    (mjpipe.folder / "products.csv").write_text(PRODUCTS, "utf-8")
    (mjpipe.folder / "m.yaml").write_text(TABLE, "utf-8")
    table = mjpipe("expand", "m.yaml", "--format", "csv").stdout
    first, second = csv.DictReader(table.splitlines(), strict=True)
    assert first == {
        "key": "hero/T-1",
        "node": "hero",
        "prompt": "'=cmd|A1 on linen",
        "state": "ready",
        "usd": "0.20",
        "source": "",
        "image": "",
        "paths": "hero/T-1-0.{{ ext }} hero/T-1-1.{{ ext }} hero/T-1-2.{{ ext }} hero/T-1-3.{{ ext }}",
        "mode": "text-to-image",
        "cref_urls": "https://a.example/1.png https://a.example/2.png",
        "speed": "fast",
        "stylization": "250",
        "row.sku": "T-1",
        "row.name": "'=cmd|A1",
        "row.Größe": '8"',
        "row.pictures": "https://a.example/1.png https://a.example/2.png",
        "label.season": "spring",
        "fingerprint": first["fingerprint"],
    }
    assert [second[name] for name in ("prompt", "row.Größe", "cref_urls")] == ["jug, blue on linen", "-3", ""]


def test_rows_in_a_table_are_as_safe(mjpipe: Mjpipe) -> None:
    (mjpipe.folder / "products.csv").write_text(PRODUCTS, "utf-8")
    (mjpipe.folder / "m.yaml").write_text(TABLE, "utf-8")
    table = mjpipe("expand", "m.yaml", "--rows", "--format", "csv").stdout
    assert [row["name"] for row in csv.DictReader(table.splitlines())] == ["'=cmd|A1", "jug, blue"]


def test_a_table_in_a_western_code_page_has_the_letters_that_it_has(mjpipe: Mjpipe) -> None:
    (mjpipe.folder / "m.yaml").write_text(MANIFEST.replace("a sign that says", "eine Größe aus Łódź,"), "utf-8")
    command = [sys.executable, "-m", "mjpipe", "expand", "m.yaml", "--format", "csv"]
    western = {**mjpipe.environment, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run(command, cwd=mjpipe.folder, env=western, capture_output=True, check=True)
    _, hero, _ = done.stdout.decode("cp1252").splitlines()
    assert hero.startswith(r'hero,hero,"eine Größe aus \u0141ód\u017a, \u001b, and \u001a"')
