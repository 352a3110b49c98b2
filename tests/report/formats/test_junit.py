from dataclasses import replace
from io import StringIO
from xml.etree import ElementTree as ET

from mjpipe.domain import Answered, JobState, Money
from mjpipe.report import Costs, collect_costs
from mjpipe.report.formats import junit
from tests.report.campaign import TEAPOTS, Campaign, job, teapots


def costs_of(campaign: Campaign, name: str = "teapots") -> Costs:
    return collect_costs(campaign.records, replace(TEAPOTS, name=name), since=None)


def junit_of(campaign: Campaign, name: str = "teapots") -> str:
    file = StringIO()
    junit.FORMAT.write(file, costs_of(campaign, name), campaign.records)
    return file.getvalue()


def test_jobs_are_test_cases(campaign: Campaign) -> None:
    campaign.plan(*(job(f"hero/{name}") for name in "abcde"))
    intents = campaign.intend(limit=4)
    campaign.finish(intents["hero/a"])
    campaign.fail(intents["hero/b"], "PromptInvalid", "", 'rejected: "no" & <no>')
    campaign.turn_away(
        intents["hero/c"], outcome=Answered.UNKNOWN, money=Money.AT_RISK, state=JobState.IN_DOUBT, reason="lost"
    )
    task = campaign.accept(intents["hero/d"])
    campaign.succeed(task)
    campaign.fetch(task, images=3, reason="image 3 is broken")
    assert junit_of(campaign) == (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        '<testsuites name="mjpipe" tests="5" failures="2" errors="1" skipped="1">'
        '<testsuite name="teapots" tests="5" failures="2" errors="1" skipped="1">\n'
        '<testcase classname="teapots.hero" name="hero/a" time="2.000" />\n'
        '<testcase classname="teapots.hero" name="hero/b">'
        '<failure type="PromptInvalid" message="rejected: &quot;no&quot; &amp; &lt;no&gt;">rewrite the prompt</failure>'
        "</testcase>\n"
        '<testcase classname="teapots.hero" name="hero/c">'
        '<error type="in_doubt" message="lost">`mjpipe resolve M` shows what is known, and settles it</error>'
        "</testcase>\n"
        '<testcase classname="teapots.hero" name="hero/d" time="8.000">'
        '<failure type="succeeded" message="image 3 is broken">run again: nothing is paid twice, only fetched'
        "</failure></testcase>\n"
        '<testcase classname="teapots.hero" name="hero/e"><skipped message="ready" /></testcase>\n'
        "</testsuite></testsuites>\n"
    )


def test_the_counts_are_those_of_the_cases_and_orphans_are_left_out(campaign: Campaign) -> None:
    teapots(campaign)
    (suite,) = ET.fromstring(junit_of(campaign))
    cases = list(suite)
    counted = {
        "tests": len(cases),
        "failures": len(suite.findall("testcase/failure")),
        "errors": len(suite.findall("testcase/error")),
        "skipped": len(suite.findall("testcase/skipped")),
    }
    assert {name: int(suite.get(name, "")) for name in counted} == counted
    assert counted == {"tests": 9, "failures": 1, "errors": 1, "skipped": 4}
    assert "hero/OLD" not in [case.get("name") for case in cases]


def test_what_xml_cannot_hold_is_written_out(campaign: Campaign) -> None:
    campaign.plan(job("hero/a"))
    campaign.fail(campaign.intend()["hero/a"], "Odd\x00", "", "bad\x1b[31m\ufffe\x85 \U0001f600\n")
    text = junit_of(campaign, name="tea\x07pots")
    (suite,) = ET.fromstring(text)
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert suite.get("name") == "tea\\u0007pots"
    assert (failure.get("type"), failure.get("message")) == ("Odd\\u0000", "bad\\u001b[31m\\ufffe\\u0085 \U0001f600\n")


def test_a_campaign_without_jobs_is_an_empty_suite(campaign: Campaign) -> None:
    (suite,) = ET.fromstring(junit_of(campaign))
    assert (suite.get("tests"), list(suite)) == ("0", [])
