"""What the service would not take as a prompt, as far as the text of the manifest shows it."""

import re
from collections.abc import Iterator

from mjpipe.contract import FIELDS_OF_KIND, FLAG_FIELDS, PROMPT_BYTES, PROMPT_CHARACTERS
from mjpipe.domain import Diagnostic
from mjpipe.manifest.breakage import Flaw
from mjpipe.manifest.model import Node, Text
from mjpipe.manifest.params import literal

PROMPT = "prompt"
_PART = f"params.{PROMPT}"
_FLAGLESS = (PROMPT, "remixPrompt")
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_FLAG = re.compile(r"(?<!\S)--(?P<name>[A-Za-z]+)|--+")


def prompt_flaws(node: Node) -> Iterator[Flaw]:
    fields = {field.name for field in FIELDS_OF_KIND[node.kind]}
    if PROMPT in fields:
        yield from ((_PART, mistake) for mistake in (*_missing(node), *_length(node)))
    for name in _FLAGLESS:
        text = node.params.get(name)
        if isinstance(text, Text):
            yield from ((f"params.{name}", mistake) for mistake in _flags(text, name, fields))


def _missing(node: Node) -> Iterator[Diagnostic]:
    if _PART not in node.places and not node.doubts(_PART):
        place = node.places.get("params", node.place)
        yield Diagnostic(place=place, code="MJ010", message=f"node `{node.name}` has no param `{PROMPT}`")


def _length(node: Node) -> Iterator[Diagnostic]:
    text = literal(node.params.get(PROMPT))
    if text is None:
        return
    size = len(text.encode("utf-8", "replace"))
    if not text.strip():
        message = f"the prompt of node `{node.name}` is empty"
    elif len(text) > PROMPT_CHARACTERS:
        message = f"the prompt has {len(text)} characters, and the service takes {PROMPT_CHARACTERS}"
    elif size > PROMPT_BYTES:
        message = f"the prompt has {size} bytes, and the service takes {PROMPT_BYTES}"
    else:
        return
    yield Diagnostic(place=node.places[f"params.{PROMPT}"], code="MJ032", message=message)


def _flags(text: Text, name: str, fields: set[str]) -> Iterator[Diagnostic]:
    # Templates are blanked, not cut, so that what is left keeps its place; their results are looked at row by row.
    bare = _TEMPLATE.sub(lambda template: " " * len(template.group()), text.source)
    for flag in _FLAG.finditer(bare):
        field = FLAG_FIELDS.get((flag["name"] or "").lower())
        if field in fields:
            mends = f"say `{field}` in `params` instead"
        elif flag["name"]:
            mends = "take it out: flags do not reach the model"
        else:
            mends = "write a single dash, or a comma"
        yield Diagnostic(
            place=text.at(flag.start(), len(flag.group())),
            code="MJ031",
            message=f"`{flag.group()}` in `{name}`: the service drops all that follows it",
            help=mends,
        )
