"""What decides whether something is paid for again, and what does not."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from mjpipe.domain import Fingerprint, Job, JobKey, Source, fingerprint
from mjpipe.manifest import manifest_from
from mjpipe.plan import composition
from tests.plan.planning import Plan, planned

HERO = {"mode": "text-to-image", "prompt": "ein Kätzchen", "speed": "fast", "iw": 1.5, "is_hd": True}
SOURCE = Source(key=JobKey("hero"), fingerprint=Fingerprint("ab" * 32), number=2)


@pytest.mark.parametrize(
    ("name", "request_", "source", "expected"),
    [
        ("hero", HERO, None, "e1544dd1266f9087f151595ea8550d825b7995882113153ef88e61fa0769ad4e"),
        (
            "hero",
            dict(reversed(HERO.items())),
            None,
            "e1544dd1266f9087f151595ea8550d825b7995882113153ef88e61fa0769ad4e",
        ),
        ("other", HERO, None, "e6c2d999015701d750c1fbe74e271e930a431b1b6e222b5cba08112cb0d6e2cc"),
        (
            "big",
            {"mode": "upscale", "imageIndex": 2, "type": 0},
            SOURCE,
            "3fa8f0e309e1c8b595e27503f8d7d550635556452df221356d40c937f8a74ae5",
        ),
        (
            "again",
            {"mode": "reroll"},
            replace(SOURCE, number=None),
            "820a5341371298b244269c89c49346de6e962d67e4f893237302af75cc1c611d",
        ),
        (
            "fix",
            {"mode": "image-edit", "image_urls": ["\x1b"], "prompt": "a"},
            SOURCE,
            "ce597892716df01de912b753bf73eca3b0a28414672831213e78f11ce9258842",
        ),
    ],
)
def test_a_fingerprint_is_the_same_in_every_release(
    name: str, request_: dict[str, Any], source: Source | None, expected: str
) -> None:
    assert fingerprint(name, request_, source) == expected


def test_a_manifest_has_the_fingerprints_that_it_always_had(plan: Plan) -> None:
    """If this fails, every user pays for every image again."""
    planned = plan(
        """
        inputs: {rows: {csv: rows.csv, key: sku}}
        defaults: {version: "7"}
        nodes:
          hero: {kind: generate, for_each: [rows], params: {prompt: "a {{ name }}", stylization: "{{ s }}"}}
          other: {kind: vary, from: hero, images: [1], params: {type: 1}}
          fix: {kind: edit, from: other, images: [3], params: {prompt: more}}
          again: {kind: reroll, from: hero}
        """,
        rows_csv="sku,name,s\nA,cat,250\n",
    )
    assert {job.key: job.fingerprint[:16] for job in planned.jobs} == {
        "hero/A": "2647558240b84421",
        "other/A/1": "156ba7af91ae4e3c",
        "fix/A/1-3": "a6bf0a7efe787100",
        "again/A": "f65f34b340c513cc",
    }


def test_the_composition_can_be_shown(plan: Plan) -> None:
    planned = plan(
        """
        nodes:
          hero: {kind: generate, was: cover, params: {prompt: a cat}}
          big: {kind: upscale, from: hero, images: [1], params: {type: 0}}
        """
    )
    hero, big = planned.jobs
    assert composition(planned.manifest, hero) == {
        "version": 1,
        "node": "cover",
        "input": {"mode": "text-to-image", "prompt": "a cat", "speed": "fast"},
        "source": None,
        "image": None,
    }
    assert composition(planned.manifest, big) == {
        "version": 1,
        "node": "big",
        "input": {"mode": "upscale", "imageIndex": 1, "type": 0},
        "source": hero.fingerprint,
        "image": 1,
    }


def test_a_renamed_node_is_not_paid_for_again(plan: Plan) -> None:
    text = """
        nodes:
          {}: {{kind: generate, {}params: {{prompt: a cat}}}}
          big: {{kind: upscale, from: {}, images: [1], params: {{type: 0}}}}
        """
    before = plan(text.format("cover", "", "cover")).jobs
    after = plan(text.format("hero", "was: cover, ", "hero")).jobs
    without = plan(text.format("hero", "", "hero")).jobs
    assert [job.fingerprint for job in before] == [job.fingerprint for job in after]
    assert not {job.fingerprint for job in before} & {job.fingerprint for job in without}


@dataclass(frozen=True)
class Campaign:
    """A manifest as data, which can be written down in many ways, and its rows."""

    manifest: dict[str, Any]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def jobs(self, folder: Path, *, comment: str = "", flow: bool = False) -> dict[str, Job]:
        lines = [",".join(self.columns), *(",".join(row) for row in self.rows)]
        (folder / "rows.csv").write_text("\n".join(lines), "utf-8")
        text = comment + yaml.safe_dump(self.manifest, sort_keys=False, default_flow_style=flow, allow_unicode=True)
        loaded = manifest_from(text, folder / "campaign.yaml")
        assert loaded.manifest is not None
        assert not any(diagnostic.is_error for diagnostic in loaded.diagnostics)
        found = planned(loaded.manifest)
        assert not any(diagnostic.is_error for diagnostic in found.diagnostics)
        return {job.key: job for job in found.jobs}

    def fingerprints(self, folder: Path, *, comment: str = "", flow: bool = False) -> dict[str, str]:
        return {key: job.fingerprint for key, job in self.jobs(folder, comment=comment, flow=flow).items()}


CAMPAIGN = Campaign(
    {
        "mjpipe": 1,
        "campaign": "test",
        "inputs": {
            "rows": {"csv": "rows.csv", "key": "sku"},
            "looks": {"matrix": {"style": ["studio", "macro"], "ratio": ["1:1", "16:9"]}},
        },
        "defaults": {"version": "7"},
        "nodes": {
            "hero": {
                "kind": "generate",
                "for_each": ["rows", "looks"],
                "params": {"prompt": "a {{ name }}, {{ style }}", "aspect_ratio": "{{ ratio }}", "sv": "{{ sv }}"},
            },
            "plain": {"kind": "generate", "for_each": ["rows"], "params": {"prompt": "a {{ name }}"}},
            "other": {"kind": "vary", "from": "hero", "images": [0, 2], "params": {"remixPrompt": "{{ note }}"}},
            "final": {"kind": "upscale", "from": ["hero", "other"], "images": [1], "params": {"type": 0}},
            "again": {"kind": "reroll", "from": "plain"},
        },
    },
    ("sku", "name", "note", "sv", "unused"),
    (("A", "cat", "warmer", "1", "x"), ("B", "dog", "", "2", "y"), ("C", "fox", "colder", "", "z")),
)


def changed(changes: Mapping[str, Any]) -> Campaign:
    manifest = json.loads(json.dumps(CAMPAIGN.manifest))
    for path, value in changes.items():
        *way, last = path.split("__")
        at = manifest
        for step in way:
            at = at.setdefault(step, {})
        at[last] = value
    return replace(CAMPAIGN, manifest=manifest)


UNPAID = [
    {"outputs__path": "{{ node }}/{{ key }}-{{ image }}.{{ ext }}"},
    {"outputs__dir": "elsewhere"},
    {"limits__budget": 20, "limits__concurrency": 2},
    {"prices": {"vary": 0.01}},
    {"nodes__hero__labels": {"line": "{{ name }}"}},
    {"vars__unused": "x"},
    {"inputs__more": {"rows": [{"a": 1}]}},
    {"nodes__zeta": {"kind": "generate", "params": {"prompt": "more"}}},
    {"campaign": "renamed"},
    {"inputs__rows__where": "sku != 'never'", "inputs__rows__limit": 9},
    {"nodes__hero__params__speed": "fast"},
    {"nodes__hero__params__prompt": "a {{name}}, {{ row['style'] }}\n"},
]


@pytest.mark.parametrize("changes", UNPAID, ids=lambda changes: next(iter(changes)))
def test_what_does_not_reach_the_service_changes_nothing(tmp_path: Path, changes: dict[str, Any]) -> None:
    before = CAMPAIGN.fingerprints(tmp_path)
    after = changed(changes).fingerprints(tmp_path)
    assert before.items() <= after.items()


def shuffled(document: Any, order: Iterator[int]) -> Any:
    """The same mapping with its keys, at every depth, in another order."""
    if not isinstance(document, dict):
        return document
    names = sorted(document, key=lambda _: next(order))
    return {name: shuffled(document[name], order) for name in names}


@settings(deadline=None, max_examples=40)  # each writes and plans a campaign twice
@given(
    rows=st.permutations(CAMPAIGN.rows),
    columns=st.permutations(range(len(CAMPAIGN.columns))),
    order=st.lists(st.integers(0, 1000), min_size=80, max_size=80),
    comment=st.sampled_from(["", "# a remark\n", "---\n"]),
    flow=st.booleans(),
    more=st.lists(st.sampled_from("DEFG"), unique=True),
)
def test_writing_it_another_way_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, ...]],
    columns: list[int],
    order: list[int],
    comment: str,
    flow: bool,  # noqa: FBT001 - hypothesis passes it by name
    more: list[str],
) -> None:
    folder = tmp_path_factory.mktemp("plan")
    before = CAMPAIGN.fingerprints(folder)
    manifest = shuffled(CAMPAIGN.manifest, iter(order))
    manifest["inputs"]["looks"] = CAMPAIGN.manifest["inputs"]["looks"]  # the order of axes is part of the keys
    new_rows = [(sku, "hen", "n", "7", "u") for sku in more]
    other = Campaign(
        manifest,
        tuple(CAMPAIGN.columns[at] for at in columns),
        tuple(tuple(row[at] for at in columns) for row in [*new_rows, *rows]),
    )
    assert before.items() <= other.fingerprints(folder, comment=comment, flow=flow).items()


@settings(deadline=None, max_examples=40)  # as above
@given(
    row=st.integers(0, len(CAMPAIGN.rows) - 1),
    column=st.integers(1, len(CAMPAIGN.columns) - 1),
    value=st.integers(3, 9),
)
def test_one_changed_cell_changes_exactly_the_jobs_whose_request_it_changes(
    tmp_path_factory: pytest.TempPathFactory, row: int, column: int, value: int
) -> None:
    folder = tmp_path_factory.mktemp("plan")
    before = CAMPAIGN.jobs(folder)
    rows = [list(cells) for cells in CAMPAIGN.rows]
    rows[row][column] = str(value)
    after = replace(CAMPAIGN, rows=tuple(map(tuple, rows))).jobs(folder)
    assert before.keys() == after.keys()
    moved = {key for key in before if before[key].fingerprint != after[key].fingerprint}
    expected: set[str] = set()
    for key, job in before.items():  # sources come before their followers
        if job.request != after[key].request or (job.source and job.source.key in expected):
            expected.add(key)
    assert moved == expected
    assert bool(moved) == (CAMPAIGN.columns[column] != "unused")
