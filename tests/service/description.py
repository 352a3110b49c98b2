"""The OpenAPI description of the service, and its parts by name."""

from collections.abc import Iterator
from typing import Any

import jsonschema
import yaml

from mjpipe.domain import Json, JsonObject, bundled_folder

PATH = bundled_folder("schemas") / "apixo.openapi.yaml"
DESCRIPTION: dict[str, Any] = yaml.safe_load(PATH.read_text("utf-8"))
SCHEMAS: dict[str, Any] = DESCRIPTION["components"]["schemas"]


def validator(schema: str) -> jsonschema.Draft202012Validator:
    """For a schema by its name."""
    return jsonschema.Draft202012Validator({"$ref": f"#/components/schemas/{schema}", **DESCRIPTION})


def operation(name: str) -> dict[str, Any]:
    """An operation by its operationId."""
    for methods in DESCRIPTION["paths"].values():
        for described in methods.values():
            if described["operationId"] == name:
                return dict(described)
    raise LookupError(name)


def media(described: dict[str, Any]) -> dict[str, Any]:
    """The JSON of a request body or of an answer."""
    return dict(described["content"]["application/json"])


def requests() -> dict[str, JsonObject]:
    """The examples of a submission, by name: those of the seed page."""
    return {name: example["value"] for name, example in media(operation("submit")["requestBody"])["examples"].items()}


def answers(name: str) -> dict[str, Json]:
    """The examples of the 200 of an operation, by name."""
    examples = media(operation(name)["responses"]["200"])["examples"]
    return {key: example["value"] for key, example in examples.items()}


def examples() -> Iterator[tuple[str, Json]]:
    """Each example with the name of the schema that it is an example of."""
    bodies = [operation("submit")["requestBody"], DESCRIPTION["components"]["responses"]["InvalidRequest"]]
    bodies += [operation(name)["responses"]["200"] for name in ("submit", "status", "balance")]
    for body in map(media, bodies):
        for example in body["examples"].values():
            yield body["schema"]["$ref"].rpartition("/")[2], example["value"]
