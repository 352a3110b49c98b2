"""The OpenAPI description says of the service what the contract says."""

from typing import Any

import jsonschema
import pytest

from mjpipe.contract import (
    ACCEPTED,
    FAIL_CODES,
    HTTP_MEANINGS,
    IMAGE_INDEX,
    MODEL,
    PROMPT_BYTES,
    PROMPT_CHARACTERS,
    REDELIVERIES,
    REFERENCE_FIELDS,
    TASK_ID,
    FieldType,
    Mode,
    Speed,
    StartsFrom,
    TaskState,
)
from mjpipe.domain import Json, JsonObject
from tests.sandbox.door import Door
from tests.service.description import DESCRIPTION, SCHEMAS, examples, operation, requests, validator
from tests.service.posting import PREVIOUS, posted

NAMES = {mode: "".join(word.capitalize() for word in mode.split("-")) for mode in Mode}
"""The schema of each mode."""

SOURCE = {StartsFrom.URLS: [], StartsFrom.WHOLE_TASK: [TASK_ID], StartsFrom.TASK_IMAGE: [TASK_ID, IMAGE_INDEX]}
"""The fields that name what a task starts from."""

URL = "https://example.com/a.jpg"
SIZE: JsonObject = {"width": 2, "height": 2}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = SCHEMAS[schema["$ref"].rpartition("/")[2]]
    return schema


def properties(mode: Mode) -> dict[str, dict[str, Any]]:
    return {name: resolved(schema) for name, schema in SCHEMAS[NAMES[mode]]["properties"].items()}


def test_the_description_is_json_schema_and_its_examples_fit() -> None:
    for schema in SCHEMAS.values():
        jsonschema.Draft202012Validator.check_schema(schema)
    said = list(examples())
    assert [name for name, _ in said] == [
        *["Submission"] * 9,
        "Error",
        "Accepted",
        *["TaskAnswer"] * 3,
        "BalanceAnswer",
    ]
    for name, example in said:
        validator(name).validate(example)


def test_there_is_a_schema_for_each_mode() -> None:
    mapping = {str(mode): f"#/components/schemas/{name}" for mode, name in NAMES.items()}
    assert SCHEMAS["Input"]["discriminator"] == {"propertyName": "mode", "mapping": mapping}
    assert [entry["$ref"] for entry in SCHEMAS["Input"]["oneOf"]] == list(mapping.values())
    assert {mode: properties(mode)["mode"]["const"] for mode in Mode} == {mode: mode for mode in Mode}
    assert list(DESCRIPTION["paths"]) == [f"/generateTask/{MODEL}", f"/statusTask/{MODEL}", "/apikeys/current-balance"]


@pytest.mark.parametrize("mode", Mode)
def test_a_mode_has_the_fields_of_the_contract(mode: Mode) -> None:
    assert set(properties(mode)) == {"mode", *SOURCE[mode.facts.starts_from], *mode.facts.field_names}


def test_a_mode_requires_what_the_page_requires() -> None:
    for mode in Mode:
        required = {field.name for field in mode.facts.fields if field.required}
        images = {"image_urls"} if mode.facts.least_images else set()
        assert set(SCHEMAS[NAMES[mode]]["required"]) == {"mode", *SOURCE[mode.facts.starts_from], *required, *images}
    assert [entry["required"] for entry in SCHEMAS["ImageToImage"]["anyOf"]] == [[name] for name in REFERENCE_FIELDS]


TYPES = {
    FieldType.TEXT: "string",
    FieldType.INTEGER: "integer",
    FieldType.NUMBER: "number",
    FieldType.BOOLEAN: "boolean",
    FieldType.URLS: "array",
    FieldType.REFERENCES: "array",
    FieldType.OBJECT: "object",
}


@pytest.mark.parametrize("mode", Mode)
def test_a_field_has_the_type_and_the_options_of_the_contract(mode: Mode) -> None:
    for field in mode.facts.fields:
        schema = properties(mode)[field.name]
        # Draft belongs to the diffusion modes: the description leaves it out elsewhere.
        options = [option for option in field.options if (mode, option) != (Mode.IMAGE_EDIT, Speed.DRAFT)]
        assert (schema["type"], set(schema.get("enum", ()))) == (TYPES[field.type], set(options)), field.name


def test_the_limits_are_those_of_the_contract() -> None:
    assert SCHEMAS["Prompt"]["maxLength"] == PROMPT_CHARACTERS
    assert f"{PROMPT_BYTES} bytes" in SCHEMAS["Prompt"]["description"]
    for mode in (mode for mode in Mode if mode.facts.sent_by_url):
        described, facts = properties(mode)["image_urls"], mode.facts
        assert (described.get("minItems", 0), described["maxItems"]) == (facts.least_images, facts.most_images)
    assert f"{REDELIVERIES} times more" in DESCRIPTION["webhooks"]["taskIsOver"]["post"]["description"]


def test_states_actions_and_codes_are_those_of_the_contract() -> None:
    states = [SCHEMAS[name]["properties"]["state"] for name in ("TaskUnderWay", "TaskSuccess", "TaskFailure")]
    assert [*states[0]["enum"], states[1]["const"], states[2]["const"]] == list(TaskState)
    assert set(SCHEMAS["Action"]["properties"]["mode"]["enum"]) == {
        after for mode in Mode for after in mode.facts.followed_by
    }
    assert SCHEMAS["Accepted"]["properties"]["code"]["const"] == ACCEPTED
    said = {name: {int(code) for code in operation(name)["responses"]} for name in ("submit", "status", "balance")}
    denials = set(HTTP_MEANINGS)
    assert said == {
        "submit": {ACCEPTED, *denials - {404}},
        "status": {ACCEPTED, *denials - {402}},
        "balance": {ACCEPTED, *denials - {400, 402, 404}},
    }
    assert set(SCHEMAS["TaskFailure"]["properties"]["failCode"]["examples"]) == set(list(FAIL_CODES)[:8])


EXAMPLES = requests()
TEXT: JsonObject = {"mode": "text-to-image", "prompt": "a teapot"}
EDIT: JsonObject = {"mode": "image-edit", "prompt": "a mug", "image_urls": [URL]}
WRONG: dict[str, JsonObject] = {
    "no mode": {"prompt": "a teapot"},
    "another mode": {"mode": "zoom", "prompt": "a teapot"},
    "no prompt": {"mode": "text-to-image"},
    "an empty prompt": {**TEXT, "prompt": "  "},
    "a prompt of flags alone": {**TEXT, "prompt": " --ar 16:9"},
    "a long prompt": {**TEXT, "prompt": "x" * 2001},
    "a prompt that is a number": {**TEXT, "prompt": 7},
    "too many image prompts": {**TEXT, "image_urls": [URL] * 21},
    "one URL for a list": {**TEXT, "image_urls": URL},
    "no URL": {**TEXT, "image_urls": ["a.jpg"]},
    "a weight in words": {**TEXT, "sref_urls": [{"url": URL, "weight": "much"}]},
    "another ratio": {**TEXT, "aspect_ratio": "7:5"},
    "another speed": {**TEXT, "speed": "slow"},
    "a fraction for an integer": {**TEXT, "stylization": 1.5},
    "a word for a flag": {**TEXT, "is_hd": "yes"},
    "a draft without a version": {**TEXT, "speed": "draft"},
    "a draft of another version": {**TEXT, "speed": "draft", "version": "8.1"},
    "no reference": {"mode": "image-to-image", "prompt": "a dog"},
    "references without any": {"mode": "image-to-image", "prompt": "a dog", "cref_urls": []},
    "an edit of nothing": {"mode": "image-edit", "prompt": "a mug"},
    "an edit of two": {**EDIT, "image_urls": [URL, URL]},
    "an edit as draft": {**EDIT, "speed": "draft", "version": "7"},
    "an area of two corners": {**EDIT, "mask": {"areas": [{**SIZE, "points": [1, 2, 3, 4]}]}},
    "a mask without areas": {**EDIT, "mask": {"areas": []}},
    "a canvas without width": {**EDIT, "canvas": {"width": 0, "height": 2}},
    "a place without x": {**EDIT, "imgPos": SIZE},
    "no task": {"mode": "reroll"},
    "a task that is a number": {"mode": "reroll", "taskId": 7},
    "no image": {"mode": "enhance", "taskId": PREVIOUS},
    "an image in words": {"mode": "enhance", "taskId": PREVIOUS, "imageIndex": "first"},
    "an image before the first": {"mode": "upscale", "taskId": PREVIOUS, "imageIndex": -1},
    "another variation": {"mode": "vary", "taskId": PREVIOUS, "imageIndex": 0, "type": 2},
    "another upscaler": {"mode": "upscale", "taskId": PREVIOUS, "imageIndex": 0, "type": 4},
}
BROKEN: dict[str, Json] = {
    "no input": {"request_type": "async"},
    "another request type": {"request_type": "later", "input": TEXT},
    "a callback to nowhere": {"request_type": "callback", "input": TEXT},
    "a callback without https": {"request_type": "callback", "callback_url": "http://a.com", "input": TEXT},
    **{name: {"request_type": "async", "input": wrong} for name, wrong in WRONG.items()},
}
FIT: dict[str, Json] = {
    **EXAMPLES,
    "nothing but what it needs": {"input": TEXT},
    "fields that the mode does not know": {"input": {**TEXT, "aspect-ratio": "7:5", "type": 9}},
    "a prompt with hyphens": {"input": {**TEXT, "prompt": "- a well-made teapot --ar 16:9"}},
    "a relaxed edit": {"input": {**EDIT, "speed": "relaxed"}},
    "a draft": {"input": {**TEXT, "speed": "draft", "version": "7"}},
    "a character alone": {"input": {"mode": "image-to-image", "prompt": "a dog", "cref_urls": [URL]}},
    "twenty image prompts": {"input": {**TEXT, "image_urls": [URL] * 20}},
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN.keys())
def test_description_and_sandbox_decline_the_same(body: Json, door: Door) -> None:
    assert not validator("Submission").is_valid(body)
    assert posted(door, body).status_code == 400


@pytest.mark.parametrize("body", FIT.values(), ids=FIT.keys())
def test_description_and_sandbox_accept_the_same(body: Json, door: Door) -> None:
    validator("Submission").validate(body)
    assert posted(door, body).status_code == 200
