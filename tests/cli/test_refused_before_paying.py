"""What could not be written to disk, or would never end, is refused while nothing has been paid."""

from pathlib import Path

from tests.cli.in_process import at, sandbox

LONG = """
mjpipe: 1
campaign: long
inputs: {products: {rows: [{sku: T-1, name: jug}, {sku: T-2, name: "NAME"}, {sku: T-3, name: cup}], key: sku}}
limits: {budget: 10}
outputs: {path: "FOLDERS/{{ key }}-{{ number }}.{{ ext }}"}
nodes:
  hero: {kind: generate, for_each: [products], params: {prompt: "a {{ sku }}"}}
"""

DEEP = """
mjpipe: 1
campaign: deep
limits: {budget: 20}
nodes:
  n0: {kind: generate, params: {prompt: a jug}}
"""


def test_a_path_that_the_system_has_no_room_for_is_refused_before_anything_is_paid(tmp_path: Path) -> None:
    manifest = tmp_path / "m.yaml"
    manifest.write_text(LONG.replace("NAME", "x" * 99).replace("FOLDERS", "/".join(["{{ name }}"] * 45)), "utf-8")
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        said = [mjpipe(*command, manifest, code=2).err for command in (["validate"], ["plan"], ["run", "--yes"])]
        assert server.tasks() == []
    assert ["error[MJ121]: a path of images is too long for this system" in text for text in said] == [True] * 3
    assert ["in the row `T-2`" in text for text in said] == [True] * 3


def test_follow_ups_without_a_bound_are_refused_at_once(tmp_path: Path) -> None:
    manifest = tmp_path / "m.yaml"
    levels = (f"  n{n}: {{kind: vary, from: n{n - 1}, images: all, params: {{type: 1}}}}\n" for n in range(1, 16))
    manifest.write_text(DEEP + "".join(levels), "utf-8")
    with sandbox(tmp_path / "service") as server:
        mjpipe = at(server)
        said = [mjpipe(*command, manifest, code=2).err for command in (["validate"], ["plan"], ["run", "--yes"])]
        assert server.tasks() == []
    assert ["`n15` would have 1,073,741,824 jobs, and a campaign has 1,000,000 at most" in text for text in said] == [
        *[True] * 3
    ]
