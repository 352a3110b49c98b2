"""Rules for prompts, as far as the text of the manifest shows what is sent."""

import re
from collections.abc import Iterator

from mjpipe.contract import FIELDS_OF_KIND, FLAGLESS
from mjpipe.domain import Diagnostic
from mjpipe.manifest.broken_parts import PartMistake
from mjpipe.manifest.document.text import Text
from mjpipe.manifest.model import Node
from mjpipe.manifest.sections.params import literal
from mjpipe.manifest.value_problems import flag_problems, length_problem

PROMPT = "prompt"
_PART = f"params.{PROMPT}"
_TEMPLATE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)


def prompt_mistakes(node: Node) -> Iterator[PartMistake]:
    fields = {field.name for field in FIELDS_OF_KIND[node.kind]}
    if PROMPT in fields:
        yield from ((_PART, mistake) for mistake in (*_missing(node), *_length(node)))
    for name in FLAGLESS:
        text = node.params.get(name)
        if isinstance(text, Text):
            yield from ((f"params.{name}", mistake) for mistake in _flags(text, name, fields))


def _missing(node: Node) -> Iterator[Diagnostic]:
    if _PART not in node.places and not node.is_broken(_PART):
        place = node.places.get("params", node.place)
        yield Diagnostic(place=place, code="MJ010", message=f"node `{node.name}` has no param `{PROMPT}`")


def _length(node: Node) -> Iterator[Diagnostic]:
    text = literal(node.params.get(PROMPT))
    if text is None:
        return
    place = node.places[_PART]
    if not text.strip():
        yield Diagnostic(place=place, code="MJ032", message=f"the prompt of node `{node.name}` is empty")
    elif problem := length_problem(text):
        yield Diagnostic(place=place, code="MJ032", message=problem.message, help=problem.help)


def _flags(text: Text, name: str, fields: set[str]) -> Iterator[Diagnostic]:
    # Templates are blanked, not cut, so that the rest keeps its place; their results are checked row by row.
    bare = _TEMPLATE.sub(lambda template: " " * len(template.group()), text.source)
    for begin, length, problem in flag_problems(name, bare, fields):
        place = text.at(begin, length)
        yield Diagnostic(place=place, code="MJ031", message=problem.message, help=problem.help)
