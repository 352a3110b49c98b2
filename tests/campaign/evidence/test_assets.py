"""What an `assets.jsonl` says of attempts: outside input, of this release and of older ones."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from mjpipe.campaign.evidence.assets import InAssets, attempts_in_assets
from mjpipe.domain import Answered, Fingerprint, JobKey, JsonObject, Money, Source, TaskId, fingerprint, usd
from mjpipe.ledger import Ledger
from mjpipe.ledger.receipts import PlacedImage, RecordedAttempt, RecordedSource, RecoveredFrom

START = 1_795_381_200.0
HERO = {"mode": "text-to-image", "prompt": "a jug", "speed": "fast"}
BIG = {"mode": "upscale", "taskId": "task_1", "imageIndex": 2, "type": 0}
TIMES = {"intended": "2026-11-22T21:00:00.000Z", "answered": "2026-11-22T21:00:01.000Z", "finished": None}
NEW: dict[str, Any] = {
    "host": "api.apixo.ai",
    "campaign": "spring",
    "fingerprint": "f" * 64,
    "attempt": "00000000000000aa",
}


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    with closing(Ledger.in_memory()) as ledger:
        yield ledger


def line(number: int = 0, **values: Any) -> dict[str, Any]:
    """As older releases write them."""
    return {
        "path": f"hero/{number}.png",
        "sha256": "a" * 64,
        "size": 10,
        "number": number,
        "node": "hero",
        "key": "hero/T-1",
        "sandbox": False,
        "source": None,
        "request": HERO,
        "taskId": "task_1",
        "price": "0.20",
        "times": TIMES,
        **values,
    }


def read(folder: Path, ledger: Ledger, *lines: dict[str, Any], with_requests: bool = False) -> list[RecordedAttempt]:
    return read_all(folder, ledger, *lines, with_requests=with_requests).attempts


def read_all(folder: Path, ledger: Ledger, *lines: dict[str, Any], with_requests: bool = False) -> InAssets:
    path = folder / "assets.jsonl"
    path.write_text("".join(f"{json.dumps(each)}\n" for each in lines))
    return attempts_in_assets(path, ledger, {"packshot": "hero"}, with_requests=with_requests)


def test_the_lines_of_a_task_become_one_attempt(ledger: Ledger, tmp_path: Path) -> None:
    found = read(tmp_path, ledger, *(line(number, **NEW) for number in (1, 0, 3, 2)), with_requests=True)
    assert found == [
        RecordedAttempt(
            uid="00000000000000aa",
            found_in=RecoveredFrom.ASSETS,
            host="api.apixo.ai",
            campaign="spring",
            node="hero",
            key=JobKey("hero/T-1"),
            fingerprint=Fingerprint("f" * 64),
            mode="text-to-image",
            speed="fast",
            price=usd("0.20"),
            request=HERO,
            intended=START,
            answered=START + 1,
            task=TaskId("task_1"),
            outcome=Answered.ACCEPTED,
            money=Money.SPENT,
            image_count=4,
            images=tuple(PlacedImage(number=n, path=f"hero/{n}.png", sha256="a" * 64, size=10) for n in range(4)),
        )
    ]


def test_a_file_with_fewer_images_than_the_mode_makes_does_not_say_how_many_came(
    ledger: Ledger, tmp_path: Path
) -> None:
    (attempt,) = read(tmp_path, ledger, line(0, **NEW), line(1, **NEW), line(1, **NEW))
    assert attempt.image_count is None
    assert [image.number for image in attempt.images] == [0, 1]


def test_a_reroll_that_a_person_asked_for_names_the_task_that_it_rerolls(ledger: Ledger, tmp_path: Path) -> None:
    again = {"mode": "reroll", "taskId": "task_1"}
    of = {"key": "hero/T-1", "task": "task_1", "number": None}
    own, of_node = read(
        tmp_path,
        ledger,
        line(**NEW, request=again) | {"taskId": "task_2", "attempt": "00000000000000ab"},
        line(**NEW, request=again, source=of) | {"taskId": "task_3", "attempt": "00000000000000ac"},
    )
    assert (own.rerolls, own.source) == ("task_1", None)
    assert (of_node.rerolls, of_node.source) == (
        None,
        RecordedSource(key=JobKey("hero/T-1"), task=TaskId("task_1"), number=None),
    )


def test_lines_of_older_releases_get_the_fingerprints_of_their_jobs(ledger: Ledger, tmp_path: Path) -> None:
    (tmp_path / "report").mkdir()
    (tmp_path / "report" / "costs.json").write_text('{"campaign": "spring"}')
    source = {"key": "hero/T-1", "number": 2}
    found = read(
        tmp_path,
        ledger,
        line(),
        line(key="big/T-1/2", node="big", request=BIG, source=source, taskId="task_2", price="0.10"),
        line(request={"mode": "reroll", "taskId": "task_1"}, taskId="task_3"),
        line(key="edit/T-1/2", node="edit", request={"mode": "image-edit"}, source=source, taskId="task_4"),
    )
    hero = fingerprint("hero", HERO, None)
    upscale: JsonObject = {"mode": "upscale", "imageIndex": 2, "type": 0}
    big = fingerprint("big", upscale, Source(key=JobKey("hero/T-1"), fingerprint=hero, number=2))
    assert [attempt.fingerprint for attempt in found] == [hero, big, hero, None]
    assert read(tmp_path, ledger, line(node="packshot"))[0].fingerprint == hero
    assert {attempt.campaign for attempt in found} == {"spring"}
    assert [attempt.rerolls for attempt in found] == [None, None, "task_1", None]


WRONG: list[dict[str, Any]] = [
    {"price": "-0.20"},
    {"price": "0.0000001"},
    {"price": 0.2},
    {"request": []},
    {"request": {"mode": "paint"}},
    {"node": ""},
    {"node": 7},
    {"key": "a\nb"},
    {"key": "k" * 5000},
    {"times": {"intended": "yesterday", "answered": None, "finished": None}},
    {"times": {"intended": "2026-11-22T21:00:00", "answered": None, "finished": None}},
    {"path": "../../x.png"},
    {"path": "/etc/x.png"},
    {"path": ".mjpipe/x.png"},
    {"sha256": "a"},
    {"size": -1},
    {"size": True},
    {"number": 10**9},
    {"source": "hero/T-1"},
    {"taskId": "t" * 5000},
]


@pytest.mark.parametrize("wrong", WRONG, ids=[json.dumps(wrong)[:40] for wrong in WRONG])
def test_what_is_wrong_in_a_line_is_no_attempt(ledger: Ledger, tmp_path: Path, wrong: dict[str, Any]) -> None:
    assert read(tmp_path, ledger, line(**NEW) | wrong) == []


@pytest.mark.parametrize("odd", [{"fingerprint": 7}, {"fingerprint": "no hex"}, {"attempt": "x"}])
def test_names_that_are_none_are_left_out(ledger: Ledger, tmp_path: Path, odd: dict[str, Any]) -> None:
    (attempt,) = read(tmp_path, ledger, line(**NEW) | odd)
    assert None in (attempt.uid, attempt.fingerprint)


def test_a_line_that_says_too_little_for_an_attempt_still_names_a_task(ledger: Ledger, tmp_path: Path) -> None:
    found = read_all(tmp_path, ledger, {"key": "hero/T-1", "taskId": "task_1"}, line(**NEW) | {"taskId": "task_2"})
    assert [attempt.task for attempt in found.attempts] == ["task_2"]
    assert found.tasks == {"task_1", "task_2"}
