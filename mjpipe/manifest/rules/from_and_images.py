"""Rules for `from` and `images`: which nodes a node may start from, and from which of their images."""

from collections.abc import Iterator, Mapping

from mjpipe.contract import MODES_OF_KIND, kinds_after, may_follow, needs_offer
from mjpipe.domain import Diagnostic
from mjpipe.manifest.broken_parts import PartMistake
from mjpipe.manifest.model import Node
from mjpipe.manifest.names_in_messages import quoted, with_article
from mjpipe.manifest.sections.params import MODE, literal


def source_mistakes(node: Node, nodes: Mapping[str, Node]) -> Iterator[PartMistake]:
    sources = [nodes[name] for name in node.sources]
    yield from _offered(node, sources)
    yield from (("images", mistake) for mistake in (*_images_are_chosen(node), *_numbers_exist(node, sources)))
    yield from ((f"params.{MODE}", mistake) for mistake in _mode_fits(node))


def _offered(node: Node, sources: list[Node]) -> Iterator[PartMistake]:
    if not needs_offer(node.mode):
        return
    for source in sources:
        if not may_follow(node.mode, source.mode):
            yield (
                f"from.{source.name}",
                Diagnostic(
                    place=node.places[f"from.{source.name}"],
                    code="MJ023",
                    message=f"`{node.kind}` cannot follow `{source.name}`, which is `{source.kind}`",
                    help=f"after {with_article(source.kind)} the service offers {quoted(kinds_after(source.mode))}",
                ),
            )


def _images_are_chosen(node: Node) -> Iterator[Diagnostic]:
    has_images, has_sources = "images" in node.places, "from" in node.places
    takes_whole_task = node.mode.facts.takes_whole_task
    if takes_whole_task and has_images:
        yield Diagnostic(
            place=node.places["images"],
            code="MJ024",
            message=f"node `{node.name}` repeats the whole task of its source, so it has no `images`",
            help="remove `images`",
        )
    elif has_images and not (has_sources or node.is_broken("from")):
        yield Diagnostic(
            place=node.places["images"],
            code="MJ024",
            message=f"node `{node.name}` has `images`, but no `from`",
            help="add `from: NODE`, or remove `images`",
        )
    elif has_sources and not (has_images or node.is_broken("images")) and not takes_whole_task:
        yield Diagnostic(
            place=node.places["from"],
            code="MJ024",
            message=f"node `{node.name}` does not say which `images` of its source it takes",
            help="set `images: pick` to choose by eye, `images: all`, or numbers such as `images: [0, 2]`",
        )


def _numbers_exist(node: Node, sources: list[Node]) -> Iterator[Diagnostic]:
    for source in sources:
        planned = source.mode.facts.images
        beyond = [number for number in node.images if number >= planned] if isinstance(node.images, tuple) else []
        if beyond:
            has = f"the images 0 to {planned - 1}" if planned > 1 else "one image, number 0"
            yield Diagnostic(
                place=node.places["images"],
                code="MJ025",
                message=f"`{source.name}` makes no image {' or '.join(map(str, beyond))}",
                help=f"each task of {with_article(source.kind)} makes {has}",
            )


def _mode_fits(node: Node) -> Iterator[Diagnostic]:
    stated, *_, from_images = literal(node.params.get(MODE)), *MODES_OF_KIND[node.kind]
    if node.sources and stated in MODES_OF_KIND[node.kind] and stated != from_images:
        yield Diagnostic(
            place=node.places[f"params.{MODE}"],
            code="MJ039",
            message=f"node `{node.name}` starts from images, so it is not `{stated}`",
            help=f"remove `mode`: {with_article(node.kind)} with `from` is {from_images}",
        )
