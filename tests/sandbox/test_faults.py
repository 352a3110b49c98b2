import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from mjpipe.contract import Mode
from mjpipe.domain import UsageFault, bundled_folder
from mjpipe.sandbox.faults import At, Do, Event, Fault, FaultInjector, Faults, Rule, load_faults, numbers
from tests.sandbox.door import Clock, Door, faults, sandbox

DRAWN = {"mode": "text-to-image", "prompt": "a teapot"}


def rules(*lines: str, seed: int = 0) -> str:
    return "\n".join([f"faults: 1\nseed: {seed}\nrules:", *(f"  - {{{line}}}" for line in lines)])


def test_every_fault_has_a_word_in_the_schema() -> None:
    schema = json.loads((bundled_folder("schemas") / "faults.schema.json").read_text("utf-8"))
    properties = schema["$defs"]["rule"]["properties"]
    assert set(properties["do"]["enum"]) == set(Do) - {Do.NOTHING}
    assert set(properties["at"]["enum"]) == set(At)
    assert set(properties) == {*Fault.__dataclass_fields__, *Rule.__dataclass_fields__} - {"fault"}


def test_a_faults_file_becomes_rules(tmp_path: Path) -> None:
    text = rules(
        'at: submit, do: answer, status: 429, nth: ["5-7", 12], retry_after: 2',
        "at: task, do: fail, code: Task TimeOut, chance: 0.5, mode: vary, times: 3",
        seed=7,
    )
    assert load_faults(faults(tmp_path, text)) == Faults(
        seed=7,
        rules=(
            Rule(
                at=At.SUBMIT,
                fault=Fault(do=Do.ANSWER, status=429, retry_after=2),
                nth=frozenset({5, 6, 7, 12}),
            ),
            Rule(
                at=At.TASK,
                fault=Fault(do=Do.FAIL, code="Task TimeOut"),
                chance=0.5,
                mode=Mode.VARY,
                times=3,
            ),
        ),
    )
    assert numbers("3-5") == frozenset({3, 4, 5})


def test_all_mistakes_of_a_faults_file_are_reported_at_once(tmp_path: Path) -> None:
    text = rules("at: submit, do: fail, code: X", "at: task", "at: callback, do: late", "at: image, do: html, nth: 0")
    with pytest.raises(UsageFault) as refused:
        load_faults(faults(tmp_path, text))
    message = str(refused.value)
    assert "rules[0].do: 'fail' is not one of" in message
    assert "rules[1]: 'do' is a required property" in message
    assert "rules[2]: 'seconds' is a required property" in message
    assert "rules[3].nth: 0 is not valid" in message


@pytest.mark.parametrize("text", ["faults: [", "faults: 2\nrules: []", "", "- a"])
def test_what_is_no_faults_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageFault):
        load_faults(faults(tmp_path, text))


def test_a_faults_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageFault, match="cannot be read"):
        load_faults(tmp_path / "none.yaml")


def struck(rule: Rule, subjects: list[str], seed: int = 0, clock: Clock | None = None) -> list[bool]:
    injector = FaultInjector(Faults(seed=seed, rules=(rule,)), clock or Clock())
    return [injector.fault_for(Event(at=At.SUBMIT, subject=subject)).do is Do.CUT for subject in subjects]


CUT = Fault(do=Do.CUT)


def test_nth_counts_all_occasions_and_each_those_of_one_subject() -> None:
    subjects = ["a", "b", "a", "b", "b"]
    assert struck(Rule(at=At.SUBMIT, fault=CUT, nth=frozenset({2, 3})), subjects) == [False, True, True, False, False]
    assert struck(Rule(at=At.SUBMIT, fault=CUT, each=frozenset({2})), subjects) == [False, False, True, True, False]


def test_times_bounds_the_strikes() -> None:
    assert struck(Rule(at=At.SUBMIT, fault=CUT, times=2), ["a"] * 4) == [True, True, False, False]


def test_chance_hangs_on_seed_and_subject_not_on_the_order() -> None:
    rule = Rule(at=At.SUBMIT, fault=CUT, chance=0.3)
    subjects = [str(number) for number in range(1000)]
    first = dict(zip(subjects, struck(rule, subjects), strict=True))
    backwards = dict(zip(subjects[::-1], struck(rule, subjects[::-1]), strict=True))
    assert first == backwards
    assert 250 < sum(first.values()) < 350
    assert struck(rule, subjects, seed=1) != list(first.values())


def test_a_subject_throws_new_dice_each_time() -> None:
    assert 250 < sum(struck(Rule(at=At.SUBMIT, fault=CUT, chance=0.3), ["a"] * 1000)) < 350


def test_a_storm_lasts() -> None:
    clock = Clock()
    injector = FaultInjector(Faults(rules=(Rule(at=At.SUBMIT, fault=CUT, nth=frozenset({2}), lasts=10),)), clock)
    seen = []
    for _ in range(6):
        seen.append(injector.fault_for(Event(at=At.SUBMIT, subject="a")).do is Do.CUT)
        clock.now += 4
    assert seen == [False, True, True, True, False, False]


def test_the_first_rule_that_strikes_counts() -> None:
    injector = FaultInjector(
        Faults(
            rules=(
                Rule(at=At.SUBMIT, fault=Fault(do=Do.HTML), nth=frozenset({2})),
                Rule(at=At.SUBMIT, fault=CUT),
                Rule(at=At.STATUS, fault=Fault(do=Do.HANG)),
            )
        ),
        Clock(),
    )
    assert [injector.fault_for(Event(at=At.SUBMIT, subject="a")).do for _ in range(3)] == [Do.CUT, Do.HTML, Do.CUT]


@pytest.fixture
def at_fault(tmp_path: Path) -> Iterator[Callable[..., Door]]:
    """Opens a sandbox with rules."""
    with ExitStack() as stack:

        def opened(*lines: str) -> Door:
            path = faults(tmp_path, rules(*lines))
            return stack.enter_context(sandbox(tmp_path / "state", faults=path))

        yield opened


def submitted(door: Door) -> tuple[int, str, int]:
    """Status and text of an answer, and how many tasks there are after it."""
    answer = door.submit(**DRAWN)
    return answer.status_code, answer.text, len(door.bill()["tasks"])


def test_a_submission_can_be_answered_with_any_status_accepted_or_not(at_fault: Callable[..., Door]) -> None:
    door = at_fault(
        "at: submit, do: answer, status: 503, nth: 1, retry_after: 7",
        "at: submit, do: answer, status: 504, nth: 2, accepted: true",
        "at: submit, do: answer, status: 403, nth: 3, message: Sorry",
    )
    answer = door.submit(**DRAWN)
    assert (answer.status_code, answer.headers["retry-after"], answer.json()) == (
        503,
        "7",
        {"code": 503, "message": "Service Unavailable", "data": {"error": "model unavailable for now"}},
    )
    assert door.bill()["tasks"] == []
    assert submitted(door)[::2] == (504, 1)
    assert door.bill()["tasks"][0]["unanswered"] is True
    assert submitted(door) == (
        403,
        '{"code":403,"message":"Sorry","data":null}',
        1,
    )
    assert submitted(door)[::2] == (200, 2)
    assert "unanswered" not in door.bill()["tasks"][1]


def test_answers_can_be_unreadable(at_fault: Callable[..., Door]) -> None:
    door = at_fault(
        "at: submit, do: html, status: 502, nth: 1",
        "at: submit, do: broken_json, nth: 2",
        "at: submit, do: envelope, code: 500, nth: 3",
        "at: status, do: broken_json, nth: 1",
        "at: status, do: html, nth: 2, status: 200",
        "at: balance, do: answer, status: 429",
    )
    status, text, tasks = submitted(door)
    assert (status, text.splitlines()[0], tasks) == (502, "<html>", 0)
    status, text, tasks = submitted(door)
    assert (status, tasks) == (200, 1)
    with pytest.raises(ValueError, match=r"Unterminated|Expecting"):
        json.loads(text)
    status, text, tasks = submitted(door)
    assert (status, json.loads(text)["code"], tasks) == (200, 500, 1)
    path = "/api/v1/statusTask/midjourney?taskId=task_2"
    texts = [door.get(path).text for _ in range(3)]
    assert not texts[0].endswith("}")
    assert texts[1].startswith("<html>")
    assert json.loads(texts[2])["code"] == 200
    assert door.get("/api/v1/apikeys/current-balance").status_code == 429


def test_tasks_can_fail_make_less_or_forget_their_result(at_fault: Callable[..., Door]) -> None:
    door = at_fault(
        "at: task, do: fail, code: Website TimeOut, message: sorry, nth: 1",
        "at: task, do: fewer_images, images: 3, nth: 2",
        "at: task, do: no_result, nth: 3",
        "at: task, do: slow, factor: 20, nth: 4",
        "at: task, do: fail, code: PromptInvalid, prompt: lamp",
    )
    failed = door.finished(door.accepted(**DRAWN))
    assert (failed["state"], failed["failCode"], failed["failMsg"]) == ("failed", "Website TimeOut", "sorry")
    fewer = door.made(**DRAWN)
    assert len(door.urls(fewer)) == 3
    assert door.status(fewer)["supported_actions"][1]["imageIndex_options"] == [0, 1, 2]
    assert door.submit(mode="upscale", taskId=fewer, imageIndex=3).status_code == 400
    forgotten = door.finished(door.accepted(**DRAWN))
    assert (forgotten["state"], "resultJson" in forgotten) == ("success", False)
    assert door.finished(door.accepted(**DRAWN))["state"] == "processing"
    assert door.finished(door.accepted(**{**DRAWN, "prompt": "a lamp"}))["failCode"] == "PromptInvalid"


def test_a_task_can_be_in_a_state_that_nobody_has_heard_of(at_fault: Callable[..., Door]) -> None:
    door = at_fault("at: status, do: unknown_state, nth: 1", "at: status, do: unknown_state, code: archived, nth: 2")
    task_id = door.made(**DRAWN)
    assert [door.status(task_id) for _ in range(2)] == [
        {"taskId": task_id, "state": "unheard_of", "createTime": 1_800_000_000_000},
        {"taskId": task_id, "state": "archived", "createTime": 1_800_000_000_000},
    ]
    assert door.status(task_id)["state"] == "success"


def test_a_known_state_is_no_unknown_state_and_a_submission_has_none(tmp_path: Path) -> None:
    text = rules("at: status, do: unknown_state, code: success", "at: submit, do: unknown_state")
    with pytest.raises(UsageFault) as refused:
        load_faults(faults(tmp_path, text))
    assert "rules[0].code" in str(refused.value)
    assert "rules[1].do" in str(refused.value)


def test_flaws_of_a_task_outlive_a_restart(tmp_path: Path) -> None:
    clock = Clock()
    path = faults(tmp_path, rules("at: task, do: fewer_images, images: 1", "at: task, do: no_result"))
    with sandbox(tmp_path, clock=clock, faults=path) as door:
        task_id = door.accepted(**DRAWN)
    with sandbox(tmp_path, clock=clock) as door:
        assert len(door.urls(task_id)) == 1


def test_images_can_be_missing_once_broken_or_no_images_at_all(at_fault: Callable[..., Door]) -> None:
    door = at_fault(
        "at: image, do: answer, status: 404, each: 1",
        "at: image, do: truncated, nth: 2",
        "at: image, do: html, status: 200, nth: 3",
        "at: image, do: wrong_type, nth: 4",
        "at: image, do: huge, bytes: 1000000, nth: 5",
    )
    url = door.urls(door.made(**DRAWN))[0]
    answers = [door.get(url) for _ in range(6)]
    assert [(answer.status_code, answer.headers["content-type"]) for answer in answers] == [
        (404, "application/json"),
        (200, "image/png"),
        (200, "text/html; charset=utf-8"),
        (200, "application/pdf"),
        (200, "image/png"),
        (200, "image/png"),
    ]
    whole = answers[5].content
    assert answers[1].content == whole[: len(whole) // 2]
    assert len(answers[4].content) >= 1_000_000


def test_an_image_that_is_gone_has_no_url_that_works(at_fault: Callable[..., Door]) -> None:
    door = at_fault("at: image, do: gone, nth: 1")
    task_id = door.made(**DRAWN)
    old = door.urls(task_id)
    assert [door.get(url).status_code for url in (old[0], old[0], old[1])] == [403, 403, 200]
    assert door.urls(task_id) == old


def test_an_expired_url_is_renewed_by_the_status(at_fault: Callable[..., Door]) -> None:
    door = at_fault("at: image, do: expired, nth: 1")
    task_id = door.made(**DRAWN)
    old = door.urls(task_id)
    assert [door.get(old[0]).status_code for _ in range(2)] == [403, 403]
    assert door.get(old[1]).status_code == 200
    new = door.urls(task_id)
    assert new == [old[0] + "?renewed=1", *old[1:]]
    assert door.get(new[0]).status_code == 200


def test_without_a_server_a_cut_is_an_error(at_fault: Callable[..., Door]) -> None:
    door = at_fault("at: submit, do: cut, nth: 1")
    with pytest.raises(ConnectionResetError):
        door.submit(**DRAWN)
    assert len(door.bill()["tasks"]) == 1
