"""Whatever stands in manifests and files, planning ends in jobs or in diagnostics."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mjpipe.domain import EXTENSION, SOURCE_URL
from mjpipe.manifest import manifest_from
from mjpipe.plan import Expansion, composition
from mjpipe.pricing import load_prices
from tests.plan.planning import HEAD

SLOW = settings(deadline=None, max_examples=3000, suppress_health_check=[HealthCheck.function_scoped_fixture])

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
PIECES = st.sampled_from(
    [
        "{{ a }}",
        "{{ row['b c'] }}",
        "{{ b_c }}",
        "{{ vars.v }}",
        "{{ v }}",
        "{{ key }}",
        "{{ image }}",
        "{{ source.key }}",
        "{{ source.url }}",
        "{{ a | upper }}",
        "{{ a.upper }}",
        "{{ a | int / 0 }}",
        "{{ row }}",
        "{{ none }}",
        "{% if a %}",
        "{% endif %}",
        "{% include a %}",
        "{{",
        "}}",
        "../",
        "/",
        "x",
        "{{ ext }}",
    ]
)
TEMPLATES = st.lists(PIECES, max_size=4).map("".join)


def plan_anything(folder: Path, text: str) -> None:
    loaded = manifest_from(HEAD + text, folder / "campaign.yaml")
    if loaded.manifest is None:
        return
    expansion = Expansion(loaded.manifest, load_prices())
    for job in expansion:
        assert all(not path.startswith("/") and ".." not in path.split("/") for path in job.paths)
        assert composition(loaded.manifest, job)["node"] == job.node
    assert all(str(diagnostic.place) for diagnostic in expansion.diagnostics)


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
@given(templates=st.lists(TEMPLATES, min_size=8, max_size=8), cells=st.lists(CELLS, min_size=4, max_size=4))
def test_any_template_is_jobs_or_mistakes(tmp_path: Path, templates: list[str], cells: list[str]) -> None:
    rows = [{"a": cells[0], "b c": cells[1]}, {"a": cells[2], "b c": cells[3]}]
    written = [_quoted(template) for template in templates]
    plan_anything(
        tmp_path,
        f"""
vars: {{v: x}}
inputs: {{rows: {{rows: [{", ".join(f"{{a: {_quoted(row['a'])}, b c: {_quoted(row['b c'])}}}" for row in rows)}]}}}}
outputs: {{path: {written[0]}}}
nodes:
  hero:
    kind: generate
    for_each: [rows]
    labels: {{l: {written[1]}}}
    params: {{prompt: {written[2]}, speed: {written[3]}, sref_urls: [{{url: {written[4]}, weight: "{{{{ a }}}}"}}]}}
  other: {{kind: vary, from: hero, images: pick, params: {{remixPrompt: {written[5]}, type: {written[6]}}}}}
  fix: {{kind: edit, from: [hero, other], images: [1], params: {{prompt: {written[7]}, mask: "{{{{ b_c }}}}"}}}}
""",
    )


def _quoted(text: str) -> str:
    """As a double-quoted scalar of YAML."""
    return '"' + "".join(char if char.isalnum() else f"\\U{ord(char):08x}" for char in text) + '"'
