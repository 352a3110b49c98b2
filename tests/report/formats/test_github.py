from dataclasses import replace
from textwrap import dedent

from mjpipe.report import collect_costs
from mjpipe.report.formats.github import github_summary
from tests.report.campaign import TEAPOTS, Campaign, job, teapots


def summary_of(campaign: Campaign, since: float | None = None) -> str:
    reported = replace(TEAPOTS, name="spring_teapots", sandbox=True)
    costs = collect_costs(campaign.records, reported, since=since)
    return github_summary(costs)


def test_the_summary_is_three_tables(campaign: Campaign) -> None:
    since = teapots(campaign)
    assert summary_of(campaign, since) == dedent(r"""
        ### spring\_teapots (sandbox: play money)

        | node | done | spent | not done |
        | --- | ---: | ---: | --- |
        | hero | 3/6 | $0.60 | 1 submitted, 1 failed, 1 in doubt |
        | final | 0/2 | $0.00 | 1 waiting, 1 waiting for picks |
        | extra | 0/1 | $0.00 | 1 waiting |
        | orphans | 1 | $0.20 | no longer in the manifest |

        | money | amount | remark |
        | --- | ---: | --- |
        | planned | $1.50 | + 1 unpriced, without 1 waiting for picks |
        | spent | $0.80 | $0.20 by the last run, $0.20 for orphans |
        | reserved | $0.20 | for 1 task in progress |
        | at risk | $0.40 | possibly billed (failed or lost answers) |
        | reused | $0.40 | paid before the last run, not paid again |

        | jobs | state | code | reason | the first of them | help |
        | ---: | --- | --- | --- | --- | --- |
        | 1 | failed | PromptInvalid | the provider rejected the prompt: no | hero/T-04 | rewrite the prompt |
        | 1 | in doubt | ReadTimeout | no whole answer came from \`https://api.example\`: ReadTimeout | hero/T-05 | \`mjpipe resolve M\` shows what is known, and settles it |
        """).lstrip("\n")  # noqa: E501 - a table's line


def test_without_failures_there_is_no_table_of_them(campaign: Campaign) -> None:
    campaign.plan(job("hero/a"))
    campaign.finish(campaign.intend()["hero/a"])
    assert "help" not in summary_of(campaign)


def test_foreign_words_make_no_markup(campaign: Campaign) -> None:
    campaign.plan(job("hero/a"))
    campaign.fail(campaign.intend()["hero/a"], "Odd", "", "<img src=x> | [a](b) *c*\n# @all")
    assert r"&lt;img src=x&gt; \| \[a\](b) \*c\* \# \@all" in summary_of(campaign)
