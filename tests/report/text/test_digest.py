from dataclasses import replace
from textwrap import dedent

from mjpipe.domain import Answered, JobState, Kind, Money
from mjpipe.report import collect_costs, digest_text
from mjpipe.report.text.digest import CAUSES
from tests.report.campaign import TEAPOTS, Campaign, job, teapots


def digest_of(
    campaign: Campaign, *, since: float | None = None, by: tuple[str, ...] = (), sandbox: bool = False, width: int = 80
) -> str:
    reported = replace(TEAPOTS, name="spring-teapots", sandbox=sandbox)
    costs = collect_costs(campaign.records, reported, since=since, by=by)
    return digest_text(costs, width)


def test_the_digest_of_a_campaign_that_met_a_bit_of_everything(campaign: Campaign) -> None:
    since = teapots(campaign)
    assert digest_of(campaign, since=since, sandbox=True) == dedent("""\
        spring-teapots (sandbox: play money)
                   done  spent
          hero      3/6  $0.60  1 submitted, 1 failed, 1 in doubt
          final     0/2  $0.00  1 waiting, 1 waiting for picks
          extra     0/1  $0.00  1 waiting
          orphans     1  $0.20  no longer in the manifest

          planned   $1.50  + 1 unpriced, without 1 waiting for picks
          spent     $0.80  $0.20 by the last run, $0.20 for orphans
          reserved  $0.20  for 1 task in progress
          at risk   $0.40  possibly billed (failed or lost answers)
          reused    $0.40  paid before the last run, not paid again

        1 job failed: the provider rejected the prompt: no [PromptInvalid]
          hero/T-04
          at risk: $0.20
          help: rewrite the prompt

        1 job in doubt: no whole answer came from `https://api.example`: ReadTimeout
          hero/T-05
          at risk: $0.20
          help: `mjpipe resolve M` shows what is known, and settles it
        """)


def test_the_digest_of_a_campaign_that_went_well(campaign: Campaign) -> None:
    campaign.plan(job("hero/a", row={"style": "studio"}), job("hero/b", row={"style": ""}))
    for intent in campaign.intend().values():
        campaign.finish(intent)
    assert digest_of(campaign, since=campaign.now - 3600, by=("style",)) == dedent("""\
        spring-teapots
                done  spent
          hero   2/2  $0.40

        by style
                   done  spent
          studio    1/1  $0.20
          (empty)   1/1  $0.20

          planned  $0.40
          spent    $0.40  $0.40 by the last run
          at risk  $0.00
          reused   $0.00
        """)


def test_what_is_unpriced_is_counted_beside_the_sums(campaign: Campaign) -> None:
    campaign.plan(job("soft/a", kind=Kind.ENHANCE, price=None), job("soft/b", kind=Kind.ENHANCE, price=None))
    campaign.finish(campaign.intend(limit=1)["soft/a"])
    assert digest_of(campaign) == dedent("""\
        spring-teapots
                done       spent
          soft   1/2  1 unpriced  1 ready

          planned  2 unpriced
          spent    1 unpriced
          at risk       $0.00
        """)


def test_lines_keep_to_the_width(campaign: Campaign) -> None:
    campaign.plan(*(job(f"hero/a-product-with-a-rather-long-name-{number}") for number in range(9)))
    for intent in campaign.intend().values():
        campaign.turn_away(
            intent,
            outcome=Answered.REFUSED,
            money=Money.FREE,
            state=JobState.FAILED,
            reason="the service answered 400 (invalid request body, mode, parameter, prompt, or image URL): bad",
            code="400",
        )
    text = digest_of(campaign, width=60)
    assert max(len(line) for line in text.splitlines()) <= 60
    assert text.endswith(
        dedent("""\
        9 jobs failed: the service answered 400 (invalid request
          body, mode, parameter, prompt, or image URL): bad
          hero/a-product-with-a-rather-long-name-0,
          hero/a-product-with-a-rather-long-name-1,
          hero/a-product-with-a-rather-long-name-2, and 6 more
          help: correct the params or image URLs that the message
                names; `mjpipe show M
                hero/a-product-with-a-rather-long-name-0` prints the
                request
        """)
    )


def test_the_rarest_causes_are_only_counted(campaign: Campaign) -> None:
    campaign.plan(*(job(f"hero/{number}") for number in range(CAUSES + 3)))
    for number, intent in enumerate(campaign.intend().values()):
        campaign.fail(intent, "PromptInvalid", "", f"reason {chr(65 + number)}")
    assert digest_of(campaign).endswith("\n\n3 jobs more for 3 further causes: report/costs.json\n")
