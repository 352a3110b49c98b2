"""An `assets.jsonl` is outside input: read in bounded lines, and only what it says of tasks counts."""

import json
import os
import re
from collections.abc import Collection
from pathlib import Path

import pytest

from mjpipe.domain import StateFault, TaskId
from mjpipe.report.ownership import AT_ONCE, LONGEST_LINE, ForeignRecords, compared, foreign_records
from tests.permissions import may_only_read, needs_permissions, shared_folder
from tests.report.campaign import Campaign


def line(task: object, key: object = "hero/a", **more: object) -> str:
    return json.dumps({**more, "key": key, "taskId": task}) + "\n"


def unknown(tasks: Collection[TaskId]) -> frozenset[TaskId]:
    return frozenset(task for task in tasks if task.startswith("strange"))


def test_lines_about_unknown_tasks_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    path = tmp_path / "assets.jsonl"
    ours = [line(f"task_{number}") for number in range(AT_ONCE + 5)]
    path.write_text("".join([*ours[:7], line("strange_1", "b/1"), *ours[7:], line("strange_2", "b/2")]))
    assert compared(path, unknown) == ForeignRecords(
        path=path, images=2, lines=AT_ONCE + 7, key="b/1", task=TaskId("strange_1")
    )


def test_what_is_no_record_says_nothing(tmp_path: Path) -> None:
    path = tmp_path / "assets.jsonl"
    odd = [
        "no JSON\n",
        "[1]\n",
        "\n",
        line(7),
        line("strange", ["no", "key"]),
        '{"taskId": "strange"}\n',
        "[" * 9_000 + "\n",
    ]
    path.write_text("".join(odd) + '{"key": "hero/a", "taskId": "stra')
    assert compared(path, unknown) is None


def test_a_line_without_end_is_read_in_pieces(tmp_path: Path) -> None:
    path = tmp_path / "assets.jsonl"
    with path.open("wb") as file:
        file.truncate(3 * LONGEST_LINE)
        file.seek(0, os.SEEK_END)
        file.write(f"\n{line('strange')}".encode())
    assert compared(path, unknown) == ForeignRecords(path=path, images=1, lines=1, key="hero/a", task=TaskId("strange"))


def test_a_folder_in_its_place_is_named(campaign: Campaign, tmp_path: Path) -> None:
    path = tmp_path / "assets.jsonl"
    path.mkdir()
    with pytest.raises(StateFault, match=re.escape(f"`{path}` cannot be used: is a directory")):
        foreign_records(tmp_path, campaign.records.ledger)


def test_a_pipe_in_its_place_is_not_waited_for(campaign: Campaign, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "assets.jsonl")
    assert foreign_records(tmp_path, campaign.records.ledger) is None
    assert foreign_records(tmp_path / "nowhere", campaign.records.ledger) is None


@needs_permissions
def test_an_output_folder_in_which_one_may_not_look_is_named(campaign: Campaign) -> None:
    with shared_folder() as folder:
        outputs = folder / "out"
        outputs.mkdir(mode=0o600)
        with may_only_read(folder), pytest.raises(StateFault, match="cannot be used: permission denied"):
            foreign_records(outputs, campaign.records.ledger)
