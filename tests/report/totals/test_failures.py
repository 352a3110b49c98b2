from mjpipe.domain import Amount, Answered, JobState, Money, usd
from mjpipe.report import FailureCause
from mjpipe.report.totals.failures import MOST, FailureCauses
from tests.report.campaign import Campaign, job


def causes_of(campaign: Campaign) -> list[FailureCause]:
    causes = FailureCauses()
    for record in campaign.records.jobs():
        causes.add(record)
    return list(causes)


def fail_all(campaign: Campaign, *reasons: str, code: str = "PromptInvalid") -> None:
    campaign.plan(*(job(f"hero/{number}") for number in range(len(reasons))))
    intents = campaign.intend()
    for number, reason in enumerate(reasons):
        campaign.fail(intents[f"hero/{number}"], code, "", reason)


def test_jobs_of_one_cause_are_reported_once_with_what_their_reasons_share(campaign: Campaign) -> None:
    fail_all(
        campaign,
        "image 3 of `hero/a` at https://cdn.example/1.png did not come: the task made 2",
        "image 1 of `hero/b` at https://cdn.example/2.png did not come: the task made 2",
    )
    assert causes_of(campaign) == [
        FailureCause(
            state=JobState.FAILED,
            code="PromptInvalid",
            reason="image … of … at … did not come: the task made 2",
            jobs=2,
            keys=(job("hero/0").key, job("hero/1").key),
            at_risk=Amount(usd=usd("0.40"), priced=2),
            again=Amount(),
            advice="rewrite the prompt",
        )
    ]


def test_what_is_the_same_in_all_reasons_is_shown_as_it_is(campaign: Campaign) -> None:
    fail_all(
        campaign, "the service answered 400: `aspect_ratio` is 7:1", "the service answered 400: `aspect_ratio` is 7:2"
    )
    assert [cause.reason for cause in causes_of(campaign)] == ["the service answered 400: `aspect_ratio` is 7:…"]


def test_the_most_frequent_cause_comes_first_and_names_five_jobs(campaign: Campaign) -> None:
    fail_all(campaign, "too long", *["too rude"] * 7)
    assert [(cause.reason, cause.jobs, cause.keys) for cause in causes_of(campaign)] == [
        ("too rude", 7, ("hero/1", "hero/2", "hero/3", "hero/4", "hero/5")),
        ("too long", 1, ("hero/0",)),
    ]


def test_an_ellipsis_in_the_services_words_is_not_taken_for_ours(campaign: Campaign) -> None:
    fail_all(campaign, "cut … here", "cut 5 here")
    assert [cause.reason for cause in causes_of(campaign)] == ["cut … here", "cut 5 here"]


def test_causes_beyond_the_limit_are_one(campaign: Campaign) -> None:
    letters = [f"reason {chr(65 + number % 26)}{chr(65 + number // 26)}" for number in range(MOST + 20)]
    fail_all(campaign, *letters)
    causes = causes_of(campaign)
    assert (len(causes), causes[0].reason, causes[0].jobs) == (MOST + 1, "for other reasons", 20)


def test_foreign_words_cannot_steer_a_terminal(campaign: Campaign) -> None:
    fail_all(campaign, "bad\x1b[2J\nprompt\u202e", code="Odd\x07Code")
    assert [(cause.code, cause.reason) for cause in causes_of(campaign)] == [("Odd Code", "bad [2J prompt")]


def test_a_job_that_will_be_tried_again_is_no_failure(campaign: Campaign) -> None:
    campaign.plan(job("hero/a"), job("hero/b"))
    intents = campaign.intend()
    campaign.fail(intents["hero/a"], "Task TimeOut", "", "timed out", state=JobState.READY)
    campaign.finish(intents["hero/b"])
    assert causes_of(campaign) == []


def test_a_paid_job_whose_image_has_no_place_is_a_cause(campaign: Campaign) -> None:
    campaign.plan(job("hero/a"))
    task = campaign.accept(campaign.intend()["hero/a"])
    campaign.succeed(task)
    campaign.fetch(task, images=3, reason="`hero/a-3.png` is taken by a file of yours")
    (cause,) = causes_of(campaign)
    assert (cause.state, cause.at_risk) == (JobState.SUCCEEDED, Amount())
    assert cause.advice.startswith("run again: nothing is paid twice")


def test_what_to_do_hangs_on_state_and_code(campaign: Campaign) -> None:
    campaign.plan(*(job(f"hero/{name}") for name in "abcdefg"))
    intents = campaign.intend()
    campaign.fail(intents["hero/a"], "SensitiveContentDetected", "", "flagged")
    campaign.fail(intents["hero/b"], "Task TimeOut", "", "timed out three times")
    campaign.fail(intents["hero/c"], "NeverHeardOf", "", "odd")
    campaign.turn_away(
        intents["hero/d"], outcome=Answered.REFUSED, money=Money.FREE, state=JobState.FAILED, reason="bad", code="400"
    )
    campaign.turn_away(
        intents["hero/e"],
        outcome=Answered.GATEWAY_FAULT,
        money=Money.AT_RISK,
        state=JobState.FAILED,
        reason="slow",
        code="504",
    )
    campaign.turn_away(
        intents["hero/f"], outcome=Answered.UNKNOWN, money=Money.AT_RISK, state=JobState.IN_DOUBT, reason="lost"
    )
    campaign.turn_away(
        intents["hero/g"],
        outcome=Answered.REFUSED,
        money=Money.FREE,
        state=JobState.SKIPPED,
        reason="2 came",
        code="image_missing",
    )
    later = "the service may recover: `mjpipe run M --retry-failed` submits again"
    assert {cause.keys[0]: cause.advice for cause in causes_of(campaign)} == {
        "hero/a": "change the prompt or the source image",
        "hero/b": later,
        "hero/c": "read the message, then use --retry-failed",
        "hero/d": "correct the params or image URLs that the message names; `mjpipe show M KEY` prints the request",
        "hero/e": later,
        "hero/f": "`mjpipe resolve M` shows what is known, and settles it",
        "hero/g": "choose an image that came; `mjpipe show M` with the key of its source lists them",
    }
