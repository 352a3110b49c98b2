"""A JUnit file: jobs as test cases, for the pages on which CI systems show them."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO
from xml.etree.ElementTree import Element, SubElement, tostring

from mjpipe.domain import JobState, escaped
from mjpipe.ledger import JobRecord, Records
from mjpipe.report.advice.remedies import remedy
from mjpipe.report.formats.format import Table, WriteJob
from mjpipe.report.text.phrases import state_word
from mjpipe.report.totals.costs import Costs
from mjpipe.report.totals.failures import needs_attention

_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML 1.0 cannot hold, escaped or not."""


@contextmanager
def _test_cases(file: TextIO, costs: Costs, _: Records) -> Iterator[WriteJob]:
    """Orphans are left out. A failed job, and one whose images could not all be put in their places, is a failure; one
    in doubt is an error; what is not done for another reason is skipped.
    """
    opening, closing = _suite(costs)
    file.write(opening)

    def write_job(job: JobRecord) -> None:
        if job.wanted:
            file.write(f"{tostring(_case(costs.campaign.name, job), 'unicode')}\n")

    yield write_job
    file.write(closing)


def _suite(costs: Costs) -> tuple[str, str]:
    """What goes before the cases, and what after them."""
    wanted = costs.wanted
    incomplete = sum(cause.jobs for cause in costs.failures if cause.state is JobState.SUCCEEDED)
    failures = wanted.jobs[JobState.FAILED] + incomplete
    errors = wanted.jobs[JobState.IN_DOUBT]
    counts = {
        "tests": str(wanted.total),
        "failures": str(failures),
        "errors": str(errors),
        "skipped": str(wanted.total - wanted.jobs[JobState.DONE] - failures - errors),
    }
    suites = Element("testsuites", {"name": "mjpipe", **counts})
    SubElement(suites, "testsuite", {"name": _xml_text(costs.campaign.name), **counts}).text = "\n"
    opening, line_end, closing = tostring(suites, "unicode").partition("\n")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{opening}{line_end}', f"{closing}\n"


def _case(campaign: str, job: JobRecord) -> Element:
    case = Element("testcase", {"classname": _xml_text(f"{campaign}.{job.node}"), "name": _xml_text(job.key)})
    result = job.result
    if result is not None and result.finished is not None:
        case.set("time", f"{result.finished - result.intended:.3f}")
    if job.state is JobState.DONE:
        return case
    message = _xml_text(job.reason or state_word(job.state))
    if job.state is JobState.IN_DOUBT:
        tag = "error"
    elif needs_attention(job) and job.state is not JobState.SKIPPED:
        tag = "failure"
    else:
        SubElement(case, "skipped", {"message": message})
        return case
    SubElement(case, tag, {"type": _xml_text(job.code or job.state), "message": message}).text = remedy(
        job.state, job.code
    )
    return case


def _xml_text(text: str) -> str:
    r"""`text` with what XML cannot hold, and what could steer who reads it, written out, as in `\u001b`."""
    lines = "\n".join(map(escaped, text.split("\n")))
    return _NOT_XML.sub(lambda found: found[0].encode("unicode_escape").decode("ascii"), lines)


FORMAT = Table(name="junit", what="a JUnit file", begin=_test_cases)
