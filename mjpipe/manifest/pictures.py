"""The pictures that a node starts from: their URLs, and how many its mode takes."""

from collections.abc import Iterator

from mjpipe.contract import EDIT_IMAGES, FIELDS_OF_KIND, IMAGE_URLS, REFERENCE_FIELDS, FieldType, Mode
from mjpipe.domain import Diagnostic, Kind
from mjpipe.manifest.breakage import Flaw
from mjpipe.manifest.model import Node, Param, Text
from mjpipe.manifest.objections import url_objection
from mjpipe.manifest.params import has_template
from mjpipe.manifest.wording import quoted

_IMAGES = "image_urls"


def picture_flaws(node: Node) -> Iterator[Flaw]:
    for field in FIELDS_OF_KIND[node.kind]:
        if field.type in (FieldType.URLS, FieldType.REFERENCES):
            for text in _texts(node.params.get(field.name)):
                yield from ((f"params.{field.name}", mistake) for mistake in _public(text))
    if node.kind in (Kind.GENERATE, Kind.EDIT):
        yield from ((f"params.{_IMAGES}", mistake) for mistake in _count(node))


def _texts(param: "Param | None") -> Iterator[Text]:
    """The URLs of a param as they are written, each on its own when they are."""
    match param:
        case Text():
            yield param
        case list():
            for item in param:
                yield from _texts(item.get("url") if isinstance(item, dict) else item)


def _public(text: Text) -> Iterator[Diagnostic]:
    if has_template(text.source):
        return
    for url in text.source.split():
        objection = url_objection(url)
        if objection:
            place = text.at(text.source.index(url), len(url))
            yield Diagnostic(place=place, code="MJ036", message=objection.message, help=objection.help)


def _count(node: Node) -> Iterator[Diagnostic]:
    certain, perhaps = _pictures(node, _IMAGES)
    place = node.places.get(f"params.{_IMAGES}", node.places.get("params", node.place))
    match node.mode:
        case Mode.IMAGE_EDIT if certain > EDIT_IMAGES:
            message = f"an edit takes exactly {EDIT_IMAGES} image, and node `{node.name}` has {certain}"
            yield Diagnostic(place=place, code="MJ037", message=message)
        case Mode.IMAGE_EDIT if not (certain or perhaps or "from" in node.places or node.doubts("from")):
            message = f"node `{node.name}` has no image to edit"
            help_text = f"say `from: NODE`, or give one URL as `{_IMAGES}`"
            yield Diagnostic(place=place, code="MJ037", message=message, help=help_text)
        case _ if certain > IMAGE_URLS:
            message = f"a task takes at most {IMAGE_URLS} `{_IMAGES}`, and node `{node.name}` has {certain}"
            yield Diagnostic(place=place, code="MJ037", message=message)
        case Mode.IMAGE_TO_IMAGE if "from" not in node.places and not node.doubts("from"):
            if not any(any(_pictures(node, field)) for field in REFERENCE_FIELDS):
                message = f"node `{node.name}` is image-to-image and has no reference image"
                help_text = f"give one of {quoted(REFERENCE_FIELDS)}"
                yield Diagnostic(
                    place=node.places.get("params.mode", node.place), code="MJ038", message=message, help=help_text
                )


def _pictures(node: Node, field: str) -> tuple[int, bool]:
    """How many pictures a param certainly has, and whether rows may add to them."""
    param = node.params.get(field)
    if param is None:
        return 0, node.doubts(f"params.{field}")
    texts = list(_texts(param))
    known = [len(text.source.split()) for text in texts if not has_template(text.source)]
    return sum(known), len(known) < len(texts) or node.doubts(f"params.{field}")
