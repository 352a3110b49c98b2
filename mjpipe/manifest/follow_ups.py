"""Whether a node may start from the nodes that it names, and from which of their images."""

from collections.abc import Iterator, Mapping

from mjpipe.contract import FOLLOW_UPS, MODES_OF_KIND, Mode, images_per_task, may_follow
from mjpipe.domain import Diagnostic, Kind
from mjpipe.manifest.breakage import Flaw
from mjpipe.manifest.model import Node
from mjpipe.manifest.params import MODE, literal
from mjpipe.manifest.wording import quoted


def follow_up_flaws(node: Node, nodes: Mapping[str, Node]) -> Iterator[Flaw]:
    sources = [nodes[name] for name in node.sources]
    yield from _offered(node, sources)
    yield from (("images", mistake) for mistake in (*_images_are_chosen(node), *_numbers_exist(node, sources)))
    yield from ((f"params.{MODE}", mistake) for mistake in _mode_fits(node))


def _offered(node: Node, sources: list[Node]) -> Iterator[Flaw]:
    # A generate takes the source's image by its URL: no task is continued, so any image will do.
    if node.kind is Kind.GENERATE:
        return
    for source in sources:
        if not may_follow(node.mode, source.mode):
            offered = [kind for kind, modes in MODES_OF_KIND.items() if FOLLOW_UPS[source.mode] & set(modes)]
            yield (
                f"from.{source.name}",
                Diagnostic(
                    place=node.places[f"from.{source.name}"],
                    code="MJ023",
                    message=f"`{node.kind}` cannot follow `{source.name}`, which is `{source.kind}`",
                    help=f"after {_a(source.kind)} the service offers {quoted(offered)}",
                ),
            )


def _a(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _images_are_chosen(node: Node) -> Iterator[Diagnostic]:
    has_images, has_sources = "images" in node.places, "from" in node.places
    if node.kind is Kind.REROLL and has_images:
        yield Diagnostic(
            place=node.places["images"],
            code="MJ024",
            message=f"node `{node.name}` is a reroll, which repeats a whole task and chooses no images",
            help="take `images` out",
        )
    elif has_images and not (has_sources or node.doubts("from")):
        yield Diagnostic(
            place=node.places["images"],
            code="MJ024",
            message=f"node `{node.name}` has `images`, but no `from`",
            help="say `from: NODE`, or take `images` out",
        )
    elif has_sources and not (has_images or node.doubts("images")) and node.kind is not Kind.REROLL:
        yield Diagnostic(
            place=node.places["from"],
            code="MJ024",
            message=f"node `{node.name}` does not say which `images` of its source it takes",
            help="say `images: pick` to choose by eye, `images: all`, or numbers such as `images: [0, 2]`",
        )


def _numbers_exist(node: Node, sources: list[Node]) -> Iterator[Diagnostic]:
    for source in sources:
        planned = images_per_task(source.mode)
        beyond = [number for number in node.images if number >= planned] if isinstance(node.images, tuple) else []
        if beyond:
            has = f"the images 0 to {planned - 1}" if planned > 1 else "one image, number 0"
            yield Diagnostic(
                place=node.places["images"],
                code="MJ025",
                message=f"`{source.name}` makes no image {' or '.join(map(str, beyond))}",
                help=f"each task of {_a(source.kind)} makes {has}",
            )


def _mode_fits(node: Node) -> Iterator[Diagnostic]:
    if node.sources and literal(node.params.get(MODE)) == Mode.TEXT_TO_IMAGE:
        yield Diagnostic(
            place=node.places[f"params.{MODE}"],
            code="MJ039",
            message=f"node `{node.name}` starts from images, so it is not `text-to-image`",
            help="take `mode` out: a generate with `from` is image-to-image",
        )
