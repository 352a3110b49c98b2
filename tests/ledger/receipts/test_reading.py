"""Reading receipts: what means nothing, what is damage, and what counts of lines that differ."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mjpipe.domain import Answered, Fingerprint, JobKey, Money, StateFault, TaskId, usd
from mjpipe.ledger.receipts import PlacedImage, RecordedAttempt, RecordedSource, RecoveredFrom
from mjpipe.ledger.receipts.folding import Fold
from mjpipe.ledger.receipts.parsing import parse
from mjpipe.ledger.receipts.reading import read_receipts
from tests.ledger.receipts.lines import FACTS, image, line, moment

ACCEPTED = line("answered", 2, outcome="accepted", money="reserved", task="t-1")
UNKNOWN = line("answered", 2, outcome="unknown", money="at_risk")
FREE = line("answered", 3, outcome="not_accepted", money="free")
NOT_SENT = line("answered", 4, outcome="not_sent", money="free")
GATEWAY = line("answered", 9, outcome="gateway_fault", money="at_risk")
SUCCEEDED = line("ended", 5, money="spent", images=4, task="t-1")
FAILED = line("ended", 5, money="at_risk", code="500", task="t-1")
PLACED = line("placed", 6, images=[image()], task="t-1")


def _of(*lines: str) -> RecordedAttempt:
    fold = Fold()
    for text in lines:
        fold.take(parse(text.encode().strip()))
    (attempt,) = fold.attempts()
    return attempt


def _written(folder: Path, text: str | bytes, name: str = "a-1.jsonl") -> Path:
    (folder / name).write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def test_all_that_lines_say_of_an_attempt_is_put_together(tmp_path: Path) -> None:
    of = {"mode": "vary", "source": {"key": "hero/T-0", "task": "t-0", "number": 2}, "rerolls": "t-9"}
    _written(
        tmp_path, line("intent", 1, **of) + line("answered", 2, outcome="accepted", money="reserved", task="t-1", **of)
    )
    _written(tmp_path, line("ended", 5, money="spent", images=4, **of), "b-1.jsonl")
    _written(
        tmp_path, line("placed", 6, images=[image(1)], **of) + line("placed", 7, images=[image(0)], **of), "c-1.jsonl"
    )
    assert read_receipts(tmp_path).attempts == (
        RecordedAttempt(
            uid="00000000000000aa",
            found_in=RecoveredFrom.RECEIPTS,
            host="api.apixo.ai",
            campaign="spring",
            node="hero",
            key=JobKey("hero/T-1"),
            fingerprint=Fingerprint("f" * 64),
            mode="vary",
            speed="fast",
            source=RecordedSource(key=JobKey("hero/T-0"), task=TaskId("t-0"), number=2),
            rerolls=TaskId("t-9"),
            price=usd("0.20"),
            intended=moment(1),
            answered=moment(2),
            finished=moment(5),
            task=TaskId("t-1"),
            outcome=Answered.ACCEPTED,
            money=Money.SPENT,
            image_count=4,
            images=tuple(
                PlacedImage(number=number, path=f"hero/{number}.png", sha256="a" * 64, size=10) for number in (0, 1)
            ),
        ),
    )


@pytest.mark.parametrize(
    ("lines", "outcome", "money", "task"),
    [
        ((line("intent", 1),), None, Money.RESERVED, None),
        ((ACCEPTED,), Answered.ACCEPTED, Money.RESERVED, "t-1"),
        ((ACCEPTED, NOT_SENT), Answered.ACCEPTED, Money.RESERVED, "t-1"),
        ((ACCEPTED, UNKNOWN), Answered.ACCEPTED, Money.RESERVED, "t-1"),
        ((UNKNOWN,), Answered.UNKNOWN, Money.AT_RISK, None),
        ((UNKNOWN, FREE), Answered.UNKNOWN, Money.AT_RISK, None),
        ((UNKNOWN, NOT_SENT), Answered.NOT_SENT, Money.FREE, None),
        ((NOT_SENT, line("answered", 9, outcome="unknown", money="at_risk")), Answered.UNKNOWN, Money.AT_RISK, None),
        ((NOT_SENT, GATEWAY), Answered.GATEWAY_FAULT, Money.AT_RISK, None),
        ((FREE,), Answered.NOT_ACCEPTED, Money.FREE, None),
        ((SUCCEEDED,), Answered.ACCEPTED, Money.SPENT, "t-1"),
        ((SUCCEEDED, FAILED), Answered.ACCEPTED, Money.SPENT, "t-1"),
        ((ACCEPTED, FAILED), Answered.ACCEPTED, Money.AT_RISK, "t-1"),
        ((PLACED,), Answered.ACCEPTED, Money.RESERVED, "t-1"),
        ((line("placed", 6, images=[image()]),), Answered.UNKNOWN, Money.AT_RISK, None),
    ],
)  # fmt: skip
def test_what_may_be_paid_counts_before_what_is_free(
    lines: tuple[str, ...], outcome: Answered | None, money: Money, task: str | None
) -> None:
    attempt = _of(line("intent", 1), *lines)
    assert (attempt.outcome, attempt.money, attempt.task) == (outcome, money, task)


def test_a_failure_before_a_person_named_another_task_says_nothing_about_that() -> None:
    first = line("answered", 2, outcome="adopted", money="reserved", task="t-wrong")
    failed = line("ended", 3, money="at_risk", code="500")
    named = line("answered", 4, outcome="adopted", money="reserved", task="t-right")
    attempt = _of(line("intent", 1), first, failed, named)
    assert (attempt.task, attempt.money, attempt.finished) == ("t-right", Money.RESERVED, None)


def test_who_says_buy_again_says_it_for_every_state() -> None:
    assert _of(line("set_aside", 9), ACCEPTED).set_aside


@st.composite
def _histories(draw: st.DrawFn) -> list[str]:
    moments = st.integers(0, 3)
    facts = st.sampled_from([{}, {"key": "hero/T-2"}, {"price": None}, {"source": {"key": "k", "task": "t"}}])
    tasks = st.sampled_from([None, "t-1", "t-2"])
    events = st.one_of(
        st.just(("intent", {})),
        st.just(("set_aside", {})),
        st.sampled_from([("answered", {"outcome": outcome, "money": "reserved"}) for outcome in Answered]),
        st.sampled_from([("ended", {"money": "spent", "images": count}) for count in (0, 4)]),
        st.sampled_from([("ended", {"money": money, "code": "500"}) for money in ("at_risk", "free")]),
        st.sampled_from([("placed", {"images": [image(n, path=path)]}) for n in (0, 1) for path in ("a", "b")]),
    )

    drawn: list[Any] = draw(st.lists(st.tuples(events, moments, facts, tasks), min_size=1, max_size=8))
    return [line(event, second, **values, **of, task=task) for (event, values), second, of, task in drawn]


@given(st.data())
def test_neither_order_nor_repetition_of_lines_matters(data: st.DataObject) -> None:
    lines = data.draw(_histories())
    again = data.draw(st.permutations([*lines, *data.draw(st.lists(st.sampled_from(lines), max_size=4))]))
    assert _of(*lines) == _of(*again)


@given(_histories())
def test_no_further_line_makes_an_attempt_free_that_has_a_task(lines: list[str]) -> None:
    attempt = _of(*lines, ACCEPTED)
    assert attempt.task is not None
    assert attempt.money is not Money.FREE or attempt.fail_code is not None


WRITTEN = [
    line("intent", 1),
    line("set_aside", 1),
    line("intent", 1, price=None, source={"key": "hero/{}", "task": "t-0", "number": 2}, rerolls="t-9"),
    line("intent", 1, key='hero/"x"\\ é', campaign="Frühling 春", host=None),
    ACCEPTED,
    UNKNOWN,
    line("ended", 5, money="spent", images=4),
    line("ended", 5, money="at_risk", code="500"),
    line("placed", 6, images=[]),
    line("placed", 6, images=[image(0), image(999, path="hero/a b.png")]),
    line("placed", 6, images=[image(0), image(1000, path="deep/er/1.png", size=1 << 40)]),
]


@pytest.mark.parametrize("text", WRITTEN)
def test_the_order_of_the_members_of_a_line_means_nothing(text: str) -> None:
    said = json.loads(text)
    unescaped = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    turned = json.dumps(dict(reversed(said.items())))
    assert parse(text.strip().encode()) == parse(unescaped.encode()) == parse(turned.encode())


@pytest.mark.parametrize(
    ("name", "value"), [("key", "hero/T-2"), ("attempt", "00000000000000bb"), ("event", "set_aside")]
)
def test_of_a_member_that_comes_twice_the_last_counts_as_everywhere_in_json(name: str, value: str) -> None:
    text = line("intent", 1).strip()
    parse(text.encode())
    twice = f'{text[:-1]},"{name}":"{value}"}}'
    assert parse(twice.encode()) == parse(json.dumps({**json.loads(text), name: value}).encode())


def test_carriage_returns_markers_blank_lines_repetitions_and_a_torn_end_mean_nothing(tmp_path: Path) -> None:
    whole = line("intent", 1) + ACCEPTED
    wild = "\ufeff" + line("intent", 1).replace("\n", "\r\n") + "\n<<<<<<< HEAD\n" + ACCEPTED + "||||||| base\n"
    wild += "=======\n" + ACCEPTED + ">>>>>>> other\n\r\n" + '{"mjpipe":1,"event":"ans'
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert read_receipts(_written(tmp_path / "a", wild)) == read_receipts(_written(tmp_path / "b", whole))


def test_a_whole_last_line_without_its_end_counts(tmp_path: Path) -> None:
    (attempt,) = read_receipts(_written(tmp_path, ACCEPTED.strip())).attempts
    assert attempt.task == "t-1"


def test_a_folder_that_is_not_there_says_nothing(tmp_path: Path) -> None:
    receipts = read_receipts(tmp_path / "none")
    assert (receipts.attempts, receipts.first_names, receipts.picked) == ((), {}, {})


def test_names_and_picks_are_those_said_last(tmp_path: Path) -> None:
    said = {"mjpipe": 1, "at": "2026-11-27T20:00:01Z", "host": "h", "campaign": "c"}
    renamed = [
        {**said, "event": "renamed", "node": "hero", "first": "a"},
        {**said, "event": "renamed", "node": "hero", "first": "b", "at": "2026-11-27T19:00:00Z"},
        {**said, "event": "picked", "key": "hero/T-1", "node": "", "words": "pick 0", "task": "t-1"},
    ]
    receipts = read_receipts(_written(tmp_path, "".join(json.dumps(one) + "\n" for one in renamed)))
    assert receipts.first_names == {"hero": "a"}
    assert receipts.picked == {(JobKey("hero/T-1"), "", "pick 0"): TaskId("t-1")}


def test_names_and_picks_of_other_hosts_and_campaigns_are_left_out_when_asked(tmp_path: Path) -> None:
    said = {"mjpipe": 1, "event": "renamed", "at": "2026-11-27T20:00:01Z", "first": "old"}
    lines = [
        {**said, "node": "ours", "host": "here", "campaign": "spring"},
        {**said, "node": "anybody's"},
        {**said, "node": "elsewhere", "host": "there", "campaign": "spring"},
        {**said, "node": "theirs", "host": "here", "campaign": "summer"},
    ]
    _written(tmp_path, "".join(json.dumps(one) + "\n" for one in lines))
    assert len(read_receipts(tmp_path).first_names) == 4
    assert read_receipts(tmp_path, host="here", campaigns=["spring"]).first_names == {"ours": "old", "anybody's": "old"}


def test_attempts_that_are_known_are_left_out_unless_they_are_set_aside(tmp_path: Path) -> None:
    other, aside = "00000000000000bb", "00000000000000cc"
    lines = line("intent", 1, attempt=other) + line("set_aside", 1, attempt=aside) + line("intent", 1, attempt=aside)
    _written(tmp_path, ACCEPTED + lines)
    known = {FACTS["attempt"], aside}
    assert [attempt.uid for attempt in read_receipts(tmp_path, known).attempts] == [other, aside]


DAMAGE: list[tuple[str | bytes, str]] = [
    ("spoiled\n", "it is not JSON"),
    (b"\xff\xfe\n", "it is not JSON"),
    (ACCEPTED[:90] + "\n", "it is not JSON"),
    ("[" * 100_000 + "\n", "it is not JSON"),
    ("x" * 1_000_000 + "\n", "it is not JSON"),
    (line("intent", price=None).replace('"hero"', "NaN"), "it is not JSON"),
    ("[]\n", "it is not a JSON object"),
    (line("intent", mjpipe=None), "it does not say which format it has (`mjpipe`)"),
    (line("intent", mjpipe=True), "it does not say which format it has (`mjpipe`)"),
    (line("intent", at="yesterday"), "`at` is not a time in UTC"),
    (line("intent", at="2026-11-27T20:00:00"), "`at` is not a time in UTC"),
    (line("intent", at="0001-01-01T00:00:00+23:59"), "`at` is not a time in UTC"),
    (line("intent", at="9999-12-31T23:59:59-23:59"), "`at` is not a time in UTC"),
    (line("boasted"), "it names an unknown `event`"),
    (line("intent", attempt="../x"), "`attempt` is not an id"),
    (line("intent", key=""), "`key` is empty, or too long"),
    (line("intent", key="k" * 5000), "`key` is empty, or too long"),
    (line("intent", key=None), "`key` is missing, or is not text"),
    (line("intent", node="a\x1bb"), "`node` has a character that cannot be in it"),
    (line("intent", node="\ud83d"), "`node` has a character that cannot be in it"),
    (line("intent", fingerprint="f" * 600), "`fingerprint` is empty, or too long"),
    (line("intent", mode="dance"), "`mode` is not one of the service's"),
    (line("intent", price="-0.20"), "`price` is below 0"),
    (line("intent", price="0.0000001"), "`0.0000001` has more than six decimals"),
    (line("intent", price="1e999"), "`1e999` is too large: amounts are below $1,000,000,000,000"),
    (line("intent", price=0.2), "`price` is not an amount as text"),
    (line("intent", source="hero"), "`source` is not an object"),
    (line("intent", source={"key": "k"}), "`task` is missing, or is not text"),
    (line("intent", source={"key": "k", "task": "t", "number": -1}), "`number` is not a whole number from 0 to 1000"),
    (line("answered", outcome="perhaps"), "`outcome` is an unknown word"),
    (line("answered", outcome="accepted", task="t" * 600), "`task` is empty, or too long"),
    (line("ended", money="spent"), "it does not say how the task ended"),
    (line("ended", money="reserved", images=4), "it does not say how the task ended"),
    (line("ended", money="spent", images=1 << 70), "`images` is not a whole number from 0 to 1000"),
    (line("placed", images={}), "`images` is not a list of images"),
    (line("placed", images=[image(size=True)]), "`size` is not a whole number from 0 to 1099511627776"),
    (line("placed", images=[image(sha256="abc")]), "`sha256` is not one"),
    *[
        (line("placed", images=[image(path=path)]), "`path` is not below the output folder")
        for path in ("/etc/passwd", "../a", "a/../../b", "a//b", "./a", "a\\b", ".mjpipe/a", ".orphans", ".git/a")
    ],
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), DAMAGE)
def test_any_other_line_is_damage_at_its_place(tmp_path: Path, text: str | bytes, words: str) -> None:
    path = _written(tmp_path, ACCEPTED.encode() + (text.encode() if isinstance(text, str) else text)) / "a-1.jsonl"
    with pytest.raises(StateFault) as fault:
        read_receipts(tmp_path)
    assert str(fault.value) == f"`{path}:2` cannot be read: {words}. Receipts say what was paid for"
    assert (
        fault.value.help == f"`git log -p -- {path}` shows what the line was: put it back, then type the command again"
    )


def test_a_line_of_a_newer_format_is_named(tmp_path: Path) -> None:
    path = _written(tmp_path, line("intent", mjpipe=2)) / "a-1.jsonl"
    with pytest.raises(StateFault) as fault:
        read_receipts(tmp_path)
    assert str(fault.value) == (
        f"`{path}:1` was written by a newer mjpipe: it has format 2, and this mjpipe reads up to 1"
    )


def test_images_of_orphans_are_in_a_folder_of_ours(tmp_path: Path) -> None:
    (attempt,) = read_receipts(_written(tmp_path, line("placed", images=[image(path=".orphans/a.png")]))).attempts
    assert [one.path for one in attempt.images] == [".orphans/a.png"]


def test_keys_of_lines_that_this_release_does_not_know_mean_nothing(tmp_path: Path) -> None:
    (attempt,) = read_receipts(_written(tmp_path, line("intent", mood="good", price=None))).attempts
    assert (attempt.price, attempt.money) == (None, Money.RESERVED)
