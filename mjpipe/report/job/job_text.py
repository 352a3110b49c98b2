"""All that is known of one job, as a person reads it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from mjpipe.domain import Answered, JobState, JsonObject, Money, Usd, clock_text, dollars, one_line
from mjpipe.ledger import AttemptRecord, ImageRecord, JobRecord
from mjpipe.report.advice.next_run import next_run
from mjpipe.report.advice.remedies import with_campaign_typed
from mjpipe.report.text.layout import columns, json_lines, paragraph
from mjpipe.report.text.phrases import RECORDS, state_word
from mjpipe.report.text.placeholders import path_with_placeholder, request_with_placeholder

_LABEL = 11
"""Characters that the names of the facts take."""

_MONEY = {
    Money.RESERVED: "reserved",
    Money.SPENT: "spent",
    Money.AT_RISK: "at risk: possibly billed",
    Money.FREE: "not billed",
}


def show_text(job: JobRecord, *, outputs: Path, width: int, closed_until: float | None = None, typed: str = "M") -> str:
    """`outputs` leads the paths of images; `typed` is the campaign in commands to type.

    Requests are not wrapped to `width`, so that they can be copied.
    """
    lines = [
        job.key,
        *_facts(job, width, closed_until, typed),
        *_cells("row", job.row, width),
        *_cells("labels", job.labels, width),
        *_request(job),
        *_attempts(job, outputs, width),
    ]
    return "\n".join(lines) + "\n"


def fingerprint_text(fingerprint: str, parts: JsonObject) -> str:
    """The fingerprint of a job, and the JSON that it is the hash of."""
    return (
        "\n".join(["  fingerprint", f"    {fingerprint}, SHA-256 of", *(f"    {line}" for line in json_lines(parts))])
        + "\n"
    )


def _facts(job: JobRecord, width: int, closed_until: float | None, typed: str) -> Iterator[str]:
    rank = ", set aside by --buy-again" if job.set_aside else "" if job.wanted else ", an orphan"
    state = f"{state_word(job.state)}{rank}"
    reason = job.reason and one_line(job.reason)
    if reason and job.code and job.code not in reason:
        reason = f"{reason} [{one_line(job.code)}]"
    facts = [
        ("state", f"{state}: {reason}" if reason else state),
        ("next run", with_campaign_typed(next_run(job, closed_until=closed_until).what, typed)),
        ("why", job.why if job.state in (JobState.READY, JobState.WAITING) else ""),
        ("kind", f"{job.kind}, node `{job.node}`"),
        ("price", "" if job.state is JobState.UNPICKED else _price(job.price)),
        ("source", _source(job)),
        ("take", "" if job.take is None else str(job.take)),
        *(("path", path_with_placeholder(path)) for path in job.paths if not job.attempts),
    ]
    for name, text in facts:
        if text:
            yield from paragraph(text, width=width, first=f"  {name:<{_LABEL}}")


def _request(job: JobRecord) -> list[str]:
    if job.attempt:
        name, request = f"request, as attempt {job.attempt.number} sent it", job.attempt.request
    else:
        name, request = "request, as planned", request_with_placeholder(job.request)
    return [f"  {name}", *(f"    {line}" for line in json_lines(request))]


def _attempts(job: JobRecord, outputs: Path, width: int) -> Iterator[str]:
    for attempt in job.attempts:
        money = f"{_price(attempt.price)} {_MONEY[attempt.money]}{_recovered(attempt)}"
        yield f"  attempt {attempt.number}: {clock_text(attempt.intended)}, {money}{_role(job, attempt)}"
        for event in _history(attempt):
            yield from paragraph(event, width=width, first="    ", rest="      ")
        for image in attempt.images:
            yield from paragraph(_image(image, outputs), width=width, first="    ", rest="      ")


def _role(job: JobRecord, attempt: AttemptRecord) -> str:
    """What the task of an attempt is to the job, where it has several that are paid."""
    paid = [other for other in job.attempts if other.task and other.money in (Money.RESERVED, Money.SPENT)]
    if job.reroll_of is attempt:
        return ", the result until its reroll has succeeded"
    if attempt not in paid or len(paid) == 1:
        return ""
    return ", the result" if attempt is job.result else "" if attempt is job.attempt else ", an extra"


def _recovered(attempt: AttemptRecord) -> str:
    return "" if attempt.recovered is None else f", adopted from {RECORDS[attempt.recovered]}"


_ANSWERS = {
    Answered.ACCEPTED: "accepted",
    Answered.REFUSED: "refused",
    Answered.NOT_ACCEPTED: "not accepted",
    Answered.GATEWAY_FAULT: "a gateway answered",
    Answered.UNKNOWN: "the answer was lost, or cannot be read",
    Answered.ADOPTED: "the answer was lost; a person named the task",
    Answered.NOT_SENT: "the answer was lost; a person said that there is no task",
}


def _history(attempt: AttemptRecord) -> Iterator[str]:
    """What happened, with how long after the attempt began."""
    if attempt.outcome is None:
        yield "no answer yet"
    else:
        task = f", task {one_line(attempt.task)}" if attempt.task else ""
        yield f"{_after(attempt, attempt.answered)}{_ANSWERS[attempt.outcome]}{task}"
    if attempt.evidence:
        yield f"seen: {one_line(attempt.evidence)}"
    if attempt.fail_code is not None:
        message = ": ".join(one_line(part) for part in (attempt.fail_code, attempt.fail_message) if part)
        yield f"{_after(attempt, attempt.finished)}the task failed: {message or 'without a code'}"
    elif attempt.finished is not None:
        yield f"{_after(attempt, attempt.finished)}the task succeeded"


def _after(attempt: AttemptRecord, moment: float | None) -> str:
    return "" if moment is None else f"+{moment - attempt.intended:.1f} s: "


def _image(image: ImageRecord, outputs: Path) -> str:
    if image.path is None:
        return f"image {image.number}: not on disk; {one_line(image.url)}"
    return f"image {image.number}: {outputs / image.path}, {image.size:,} bytes"


def _source(job: JobRecord) -> str:
    if job.source is None:
        return ""
    return f"{job.source}, {'the whole task' if job.source_number is None else f'image {job.source_number}'}"


def _price(price: Usd | None) -> str:
    return "unpriced" if price is None else dollars(price)


def _cells(title: str, cells: Mapping[str, str], width: int) -> list[str]:
    """A line for each column of a row."""
    lines = columns([(one_line(name), one_line(value)) for name, value in cells.items()], width=width, indent="    ")
    return [f"  {title}", *lines] if lines else []
