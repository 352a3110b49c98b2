"""What an older release sent for a job is found again, though a later rule reads its row in another form."""

import unicodedata

import pytest

from mjpipe.domain import Job, fingerprint, former_forms
from tests.plan.planning import Plan, Remembered

TAGS = """
inputs: {cups: {jsonl: cups.jsonl, key: sku}}
nodes:
  hero: {kind: generate, for_each: [cups], params: {prompt: "cups:{% for t in tags %} {{ t }}{% endfor %}"}}
  final: {kind: upscale, from: hero, images: [0], params: {type: 0}}
"""
CUPS = '{"sku": "T-1", "tags": ["red", "old"]}\n{"sku": "T-2", "tags": ["blue"]}\n'
LETTERS = "cups:" + "".join(f" {letter}" for letter in '["red", "old"]')


def as_sent(job: Job, prompt: str) -> str:
    return fingerprint("hero", {**job.request, "prompt": prompt}, None)


def test_a_list_is_walked_by_its_values(plan: Plan) -> None:
    planned = plan(TAGS, cups_jsonl=CUPS)
    assert planned.diagnostics == ()
    assert [job.request.get("prompt") for job in planned.jobs] == ["cups: red old", None, "cups: blue", None]
    assert planned.jobs[0].row == {"sku": "T-1", "tags": '["red", "old"]'}


def test_a_list_that_was_walked_by_its_letters_is_not_bought_again(plan: Plan) -> None:
    first, _, *others = plan(TAGS, cups_jsonl=CUPS).jobs
    made = as_sent(first, LETTERS)
    hero, followed, *unmade = plan(TAGS, Remembered(made=[made]), cups_jsonl=CUPS).jobs
    assert (hero.fingerprint, hero.request["prompt"]) == (made, LETTERS)
    assert followed.source is not None
    assert followed.source.fingerprint == made
    assert [job.fingerprint for job in unmade] == [job.fingerprint for job in others]


def test_what_was_made_in_the_form_of_today_comes_first(plan: Plan) -> None:
    first, *_ = plan(TAGS, cups_jsonl=CUPS).jobs
    made = [as_sent(first, LETTERS), first.fingerprint]
    assert plan(TAGS, Remembered(made=made), cups_jsonl=CUPS).jobs[0].fingerprint == first.fingerprint


TEXTS = """
inputs: {cups: {csv: cups.csv, key: sku}}
nodes: {hero: {kind: generate, for_each: [cups], params: {prompt: "a {{ name }}"}}}
"""


@pytest.mark.parametrize(
    ("former", "now"),
    [
        ("cafe\u0301", "cafe\u0301"),  # the file is as it was
        ("cafe\u0301", "caf\u00e9"),  # and here it was rewritten since
        ('"a\r\nb"', '"a\r\nb"'),
        ('"a\r\nb"', '"a\nb"'),
        ('"cafe\u0301\r\nb"', '"caf\u00e9\nb"'),
        ('"cafe\u0301 caf\u00e9"', '"cafe\u0301 caf\u00e9"'),
    ],
)
def test_records_of_texts_in_another_form_are_found(plan: Plan, former: str, now: str) -> None:
    rows = f"sku,name\nT-1,{now}\n".encode()
    (job,) = plan(TEXTS, cups_csv=rows).jobs
    made = as_sent(job, f"a {former.strip(chr(34))}")
    (found,) = plan(TEXTS, Remembered(made=[made]), cups_csv=rows).jobs
    assert found.fingerprint == made
    assert unicodedata.is_normalized("NFC", str(job.request["prompt"]))


def test_a_request_without_accents_and_lines_has_no_former_forms(plan: Plan) -> None:
    (job,) = plan(TEXTS, cups_csv="sku,name\nT-1,cup\n").jobs
    assert [*former_forms(job.request)] == []
    assert job._replace(former_requests=()) == job


def test_what_an_upgrade_brought_into_the_form_of_today_is_found_though_the_template_worked_on_the_former_text(
    plan: Plan,
) -> None:
    counted = TEXTS.replace('"a {{ name }}"', '"a {{ name }} of {{ name | length }}"')
    rows = b'sku,name\nT-1,"a\r\nb"\n'
    (job,) = plan(counted, cups_csv=rows).jobs
    assert job.request["prompt"] == "a a\nb of 3"
    made = as_sent(job, "a a\nb of 4")
    (found,) = plan(counted, Remembered(made=[made]), cups_csv=rows).jobs
    assert found.fingerprint == made


URLS = """
inputs: {cups: {csv: cups.csv, key: sku}}
nodes: {hero: {kind: generate, for_each: [cups], params: {prompt: a cup, sref_urls: ["{{ urls }}", "{{ last }}"]}}}
"""


@pytest.mark.parametrize("between", [" ", ",", ", ", ",\n"])
@pytest.mark.parametrize("behind", ["", ","])
def test_urls_that_were_split_at_blanks_only_are_found_however_they_were_written(
    plan: Plan, between: str, behind: str
) -> None:
    one, two, three = (f"https://cups.example/w_1,h_2/{name}.png" for name in "abc")
    cell = f"{one}{between}{two},{three}{behind}"
    rows = f'sku,urls,last\nT-1,"{cell}",https://cups.example/d.png\n'
    (job,) = plan(URLS, cups_csv=rows).jobs
    assert job.request["sref_urls"] == [one, two, three, "https://cups.example/d.png"]
    sent = {**job.request, "sref_urls": [*cell.split(), "https://cups.example/d.png"]}
    made = fingerprint("hero", sent, None)
    (found,) = plan(URLS, Remembered(made=[made]), cups_csv=rows).jobs
    assert found.fingerprint == made
