"""Whatever stands in manifests and files, planning ends in jobs or in diagnostics."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mjpipe.domain import EXTENSION, SOURCE_URL
from mjpipe.manifest import manifest_from
from mjpipe.plan import composition
from tests.plan.broken_campaign import LINES, MANIFEST, with_line, write_files
from tests.plan.planning import HEAD, planned

SLOW = settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)

CELLS = st.one_of(
    st.sampled_from(
        [
            "",
            "..",
            "/",
            "con",
            "1:1",
            "16:9",
            "250",
            "1e999",
            "{",
            "[",
            "--ar",
            SOURCE_URL,
            EXTENSION,
            "\ud83d",
            '"',
            ",",
        ]
    ),
    st.text(max_size=8),
)
GOOD = ["{{ a }}", "{{ row['b c'] }}", "{{ b_c }}", "{{ v }}", "{{ a | upper }}", "{% if a %}x{% endif %}", "x", "%s"]
BAD = ["{{ nope }}", "{{ row }}", "{{ a.upper }}", "{{ 1 / a }}", "{% include a %}", "{{", "../", "{{ source.url }}"]
PATHS = ["{{ key }}", "{{ image }}", "{{ number + 1 }}", "{{ source.key }}", "/", "{{ ext }}", "{{ node }}"]


def templates(*more: str) -> st.SearchStrategy[str]:
    """Mostly right ones."""
    right = st.lists(st.sampled_from([*GOOD, *more]), max_size=4)
    wrong = st.lists(st.sampled_from([*GOOD, *BAD, *more]), max_size=4)
    return st.one_of(right, right, right, wrong).map("".join)


def plan_anything(folder: Path, text: str) -> None:
    loaded = manifest_from(HEAD + text, folder / "campaign.yaml")
    if loaded.manifest is None:
        return
    found = planned(loaded.manifest)
    for job in found.jobs:
        assert all(not path.startswith("/") and ".." not in path.split("/") for path in job.paths)
        assert composition(loaded.manifest, job)["node"] in (job.node, *(loaded.manifest.nodes[job.node].was or ()))
    assert all(str(diagnostic.place) for diagnostic in found.diagnostics)


@SLOW
@given(
    data=st.one_of(
        st.binary(max_size=60), st.text(max_size=60).map(lambda text: f"a,b c\n{text}".encode(errors="replace"))
    )
)
def test_any_file_is_rows_or_mistakes(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "rows.csv").write_bytes(data)
    (tmp_path / "rows.jsonl").write_bytes(data)
    for form in ("csv", "jsonl"):
        plan_anything(
            tmp_path,
            f"inputs: {{rows: {{{form}: rows.{form}}}}}\n"
            "nodes: {hero: {kind: generate, for_each: [rows], params: {prompt: \"{{ row['a'] }}\"}}}\n",
        )


@SLOW
@given(
    path=templates(*PATHS),
    prompt=templates().map(lambda text: f"a{text}"),
    label=templates(),
    url=st.sampled_from(["https://a.example/{{ a }}", "{{ a }}", "", "cat.png", "{{ source.url }}"]),
    remix=templates("{{ source.key }}"),
    kind=st.sampled_from(["0", "{{ a }}", ""]),
    cells=st.lists(CELLS, min_size=4, max_size=4),
)
def test_any_template_is_jobs_or_mistakes(
    tmp_path: Path, path: str, prompt: str, label: str, url: str, remix: str, kind: str, cells: list[str]
) -> None:
    a, b, c, d = map(_quoted, cells)
    plan_anything(
        tmp_path,
        f"""
vars: {{v: x}}
inputs: {{rows: {{rows: [{{a: {a}, b c: {b}}}, {{a: {c}, b c: {d}}}]}}}}
outputs: {{path: {_quoted(path + "{{ image }}.{{ ext }}")}}}
nodes:
  hero:
    kind: generate
    for_each: [rows]
    labels: {{l: {_quoted(label)}}}
    params: {{prompt: {_quoted(prompt)}, sref_urls: [{{url: {_quoted(url)}, weight: "{{{{ b_c }}}}"}}]}}
  other: {{kind: vary, from: hero, images: pick, params: {{remixPrompt: {_quoted(remix)}, type: {_quoted(kind)}}}}}
  fix: {{kind: edit, from: [hero, other], images: [1], params: {{prompt: a hat, mask: "{{{{ b_c }}}}"}}}}
  plain: {{kind: generate, for_each: [rows], params: {{prompt: {_quoted(prompt)}}}}}
  big: {{kind: upscale, from: plain, images: all, params: {{type: {_quoted(kind)}}}}}
""",
    )


VALUES = st.sampled_from(
    [
        *("", "~", "1", "-1", "1.5", "true", "hero", "[]", "{}", "[hero]", "[0, 9]", "{a: b}", "[[1]]", "all", "draft"),
        *('"--ar"', '"{{ x }}"', '"{{"', '"{{ 1 / 0 }}"', "products", "[scenes, lines]", "again", "x > 1", '"\\0"'),
    ]
)


@SLOW
@given(data=st.data())
def test_any_values_at_any_keys_are_jobs_or_mistakes(tmp_path: Path, data: st.DataObject) -> None:
    write_files(tmp_path)
    text = MANIFEST
    for _ in range(data.draw(st.integers(1, 5))):
        number, path, _ = data.draw(st.sampled_from(LINES))
        key = path.rpartition("/")[2]
        text = with_line(number, data.draw(st.sampled_from([key, key, f"{key}x"])), data.draw(VALUES), text)
    plan_anything(tmp_path, text.removeprefix("mjpipe: 1\ncampaign: test\n"))


def _quoted(text: str) -> str:
    """As a double-quoted scalar of YAML."""
    return '"' + "".join(char if char.isalnum() else f"\\U{ord(char):08x}" for char in text) + '"'
