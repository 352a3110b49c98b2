"""Rules for the images that a node starts from by URL: public URLs, and as many as its mode takes."""

from collections.abc import Iterator

from mjpipe.contract import FIELDS_OF_KIND, REFERENCE_FIELDS, FieldType, urls_in
from mjpipe.domain import Diagnostic
from mjpipe.manifest.broken_parts import PartMistake
from mjpipe.manifest.document.text import Text
from mjpipe.manifest.model import Node, Param
from mjpipe.manifest.names_in_messages import quoted, with_article
from mjpipe.manifest.sections.params import has_template
from mjpipe.manifest.value_problems import url_problem

_IMAGES = "image_urls"


def reference_image_mistakes(node: Node) -> Iterator[PartMistake]:
    for field in FIELDS_OF_KIND[node.kind]:
        if field.type in (FieldType.URLS, FieldType.REFERENCES):
            for text in _texts(node.params.get(field.name)):
                yield from ((f"params.{field.name}", mistake) for mistake in _public(text))
    if _IMAGES in node.mode.facts.field_names:
        yield from ((f"params.{_IMAGES}", mistake) for mistake in _count(node))


def _texts(param: "Param | None") -> Iterator[Text]:
    """The texts of a param that hold URLs."""
    match param:
        case Text():
            yield param
        case list():
            for item in param:
                yield from _texts(item.get("url") if isinstance(item, dict) else item)


def _public(text: Text) -> Iterator[Diagnostic]:
    if has_template(text.source):
        return
    for url in urls_in(text.source):
        problem = url_problem(url)
        if problem:
            place = text.at(text.source.index(url), len(url))
            yield Diagnostic(place=place, code="MJ036", message=problem.message, help=problem.help)


def _count(node: Node) -> Iterator[Diagnostic]:
    facts, started = node.mode.facts, "from" in node.places or node.is_broken("from")
    certain, perhaps = _image_count(node, _IMAGES)
    place = node.places.get(f"params.{_IMAGES}", node.places.get("params", node.place))
    if certain > facts.most_images:
        message = f"{with_article(node.kind)} takes {facts.image_bound}, and node `{node.name}` has {certain}"
        yield Diagnostic(place=place, code="MJ037", message=message)
    elif certain < facts.least_images and not (perhaps or started):
        message = f"node `{node.name}` has no image to {node.kind}"
        help_text = f"add `from: NODE`, or give one URL as `{_IMAGES}`"
        yield Diagnostic(place=place, code="MJ037", message=message, help=help_text)
    elif facts.needs_reference and not (started or any(any(_image_count(node, field)) for field in REFERENCE_FIELDS)):
        message = f"node `{node.name}` is {node.mode} and has no reference image"
        help_text = f"give one of {quoted(REFERENCE_FIELDS)}"
        place = node.places.get("params.mode", node.place)
        yield Diagnostic(place=place, code="MJ038", message=message, help=help_text)


def _image_count(node: Node, field: str) -> tuple[int, bool]:
    """How many images a param certainly names, and whether rows may add more."""
    param = node.params.get(field)
    if param is None:
        return 0, node.is_broken(f"params.{field}")
    texts = list(_texts(param))
    known = [len(urls_in(text.source)) for text in texts if not has_template(text.source)]
    return sum(known), len(known) < len(texts) or node.is_broken(f"params.{field}")
