from pathlib import Path
from textwrap import dedent

from mjpipe.domain import SOURCE_URL, Answered, JobState, JsonObject, Kind, Money, TaskId
from mjpipe.report import show_text
from tests.report.campaign import PICK, Campaign, job, teapots


def text_of(campaign: Campaign, key: str, width: int = 80) -> str:
    record = campaign.records.job(key)
    assert record is not None
    return show_text(record, outputs=Path("out"), width=width)


def test_a_job_that_is_done(campaign: Campaign) -> None:
    teapots(campaign)
    assert text_of(campaign, "hero/T-01") == dedent("""\
        hero/T-01
          state      done
          next run   nothing; a missing image is fetched again for free while the
                     service keeps it
          kind       generate, node `hero`
          price      $0.20
          row
            sku    T-01
            style  studio
          labels
            season  spring
          request, as attempt 1 sent it
            {
              "mode": "text-to-image",
              "prompt": "a teapot, hero/T-01",
              "speed": "fast"
            }
          attempt 1: 2026-11-22 21:00:01Z, $0.20 spent
            +1.0 s: accepted, task task_0001
            +2.0 s: the task succeeded
            image 0: out/hero/T-01-0.png, 1,000 bytes
            image 1: out/hero/T-01-1.png, 1,001 bytes
            image 2: out/hero/T-01-2.png, 1,002 bytes
            image 3: out/hero/T-01-3.png, 1,003 bytes
        """)


def test_a_job_with_a_history(campaign: Campaign) -> None:
    campaign.plan(job("hero/a", price=None, take=1))
    intent = campaign.intend()["hero/a"]
    campaign.turn_away(intent, outcome=Answered.GATEWAY_FAULT, money=Money.AT_RISK, state=JobState.READY, code="504")
    campaign.fail(campaign.intend()["hero/a"], "Task TimeOut", "upstream", "timed out: upstream", state=JobState.READY)
    task = campaign.accept(campaign.intend()["hero/a"])
    campaign.succeed(task, images=2)
    campaign.fetch(task, images=1, reason="image 1 is broken: it ends too soon")
    assert text_of(campaign, "hero/a") == dedent("""\
        hero/a
          state      succeeded: image 1 is broken: it ends too soon
          next run   its images are fetched; nothing is paid for again
          kind       generate, node `hero`
          price      unpriced
          take       1
          request, as attempt 3 sent it
            {
              "mode": "text-to-image",
              "prompt": "a teapot, hero/a",
              "speed": "fast"
            }
          attempt 1: 2026-11-22 21:00:01Z, unpriced at risk: possibly billed
            +1.0 s: a gateway answered
            seen: HTTP 504
          attempt 2: 2026-11-22 21:00:03Z, unpriced at risk: possibly billed
            +1.0 s: accepted, task task_0002
            +2.0 s: the task failed: Task TimeOut: upstream
          attempt 3: 2026-11-22 21:00:06Z, unpriced spent
            +1.0 s: accepted, task task_0003
            +2.0 s: the task succeeded
            image 0: out/hero/a-0.png, 1,000 bytes
            image 1: not on disk; https://files.example/task_0003/1.png
        """)


def test_a_job_that_waits_for_its_source(campaign: Campaign) -> None:
    request: JsonObject = {"mode": "image-edit", "prompt": "a lid", "image_urls": [SOURCE_URL], "canvas": {"width": 10}}
    campaign.plan(job("hero/a"), job("lid/a/2", kind=Kind.EDIT, price="0.30", request=request, source=("hero/a", 2)))
    assert text_of(campaign, "lid/a/2") == dedent("""\
        lid/a/2
          state      waiting
          next run   it is submitted when its source has succeeded
          why        new
          kind       edit, node `lid`
          price      $0.30
          source     hero/a, image 2
          path       lid/a/2-0.{{ ext }}
          path       lid/a/2-1.{{ ext }}
          path       lid/a/2-2.{{ ext }}
          path       lid/a/2-3.{{ ext }}
          request, as planned
            {
              "mode": "image-edit",
              "prompt": "a lid",
              "image_urls": [
                "{{ source.url }}"
              ],
              "canvas": {
                "width": 10
              }
            }
        """)


def test_what_the_next_run_does_hangs_on_the_state(campaign: Campaign) -> None:
    teapots(campaign)
    campaign.plan(
        *(job(key) for key in ("hero/T-03", "hero/T-04", "hero/T-05", "hero/T-06", "hero/new")),
        job("soft/new", kind=Kind.ENHANCE, price=None),
    )
    keys = ("hero/T-04", "hero/T-05", "hero/T-06", "hero/OLD", "hero/new", "soft/new")
    reported = {key: [line.strip() for line in text_of(campaign, key).splitlines()[1:3]] for key in keys}
    assert reported == {
        "hero/T-04": [
            "state      failed: the provider rejected the prompt: no [PromptInvalid]",
            "next run   it is left alone; `mjpipe run M --retry-failed` submits it again",
        ],
        "hero/T-05": [
            "state      in doubt: no whole answer came from `https://api.example`:",
            "ReadTimeout",
        ],
        "hero/T-06": ["state      submitted", "next run   its task is polled; nothing is submitted"],
        "hero/OLD": [
            "state      done, an orphan",
            "next run   the manifest no longer asks for it; it is kept, and can come back",
        ],
        "hero/new": ["state      ready", "next run   it is submitted"],
        "soft/new": [
            "state      ready",
            "next run   it is submitted, but not under a budget: its price is not",
        ],
    }


def test_an_orphan_in_flight_is_still_fetched(campaign: Campaign) -> None:
    campaign.plan(job("hero/a"))
    campaign.accept(campaign.intend()["hero/a"])
    campaign.plan(job("hero/b"))
    assert text_of(campaign, "hero/a").splitlines()[1:3] == [
        "  state      submitted, an orphan",
        "  next run   its task is polled; nothing is submitted",
    ]


def test_a_submission_without_an_answer_yet(campaign: Campaign) -> None:
    campaign.plan(job("hero/a"))
    campaign.intend()
    assert text_of(campaign, "hero/a").splitlines()[-2:] == [
        "  attempt 1: 2026-11-22 21:00:01Z, $0.20 reserved",
        "    no answer yet",
    ]


def test_foreign_words_cannot_steer_a_terminal(campaign: Campaign) -> None:
    campaign.plan(job("hero/a", row={"no\x1bte": "a\x9bb\nc"}, request={"mode": "reroll", "prompt": "x\x9b2J\x1b"}))
    campaign.fail(campaign.intend()["hero/a"], "Odd\x07", "\x1b]0;title\x07", "odd \x1b[31m")
    assert not [char for char in text_of(campaign, "hero/a") if not char.isprintable() and char != "\n"]


def test_a_place_for_picks_has_no_price_of_its_own(campaign: Campaign) -> None:
    campaign.plan(
        job("hero/a"),
        job(
            "soft/a/?",
            kind=Kind.VARY,
            price=None,
            request={"mode": "vary"},
            source=("hero/a", None),
            possible_jobs=PICK,
        ),
    )
    assert text_of(campaign, "soft/a/?").splitlines()[:5] == [
        "soft/a/?",
        "  state      waiting for picks",
        "  next run   a person has to pick images of its source first",
        "  kind       vary, node `soft`",
        "  source     hero/a, the whole task",
    ]


def roles(campaign: Campaign, key: str) -> list[str]:
    """What is said of each attempt's task."""
    lines = [line for line in text_of(campaign, key).splitlines() if line.startswith("  attempt")]
    return [line.partition("Z, ")[2] for line in lines]


def test_of_several_tasks_it_is_said_which_one_holds_the_result(campaign: Campaign) -> None:
    hero = job("hero/a")
    campaign.plan(hero)
    campaign.finish(campaign.intend()["hero/a"])
    assert roles(campaign, "hero/a") == ["$0.20 spent"]
    campaign.plan(hero._replace(reroll_of=TaskId("task_0001")))
    assert roles(campaign, "hero/a") == ["$0.20 spent, the result until its reroll has succeeded"]
    reroll = campaign.accept(campaign.intend()["hero/a"])
    assert roles(campaign, "hero/a") == ["$0.20 spent, the result until its reroll has succeeded", "$0.20 reserved"]
    campaign.succeed(reroll)
    assert roles(campaign, "hero/a") == ["$0.20 spent, an extra", "$0.20 spent, the result"]
