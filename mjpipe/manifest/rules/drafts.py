"""Rules for drafts: which nodes make them, and which follow them."""

from collections.abc import Collection, Iterator, Mapping

from mjpipe.contract import DRAFT_KINDS, DRAFT_VERSION, Speed, may_follow, version_sent
from mjpipe.domain import Diagnostic
from mjpipe.manifest.broken_parts import PartMistake
from mjpipe.manifest.graph import NodeGraph
from mjpipe.manifest.model import Node
from mjpipe.manifest.names_in_messages import quoted
from mjpipe.manifest.sections.params import literal


def draft_mistakes(node: Node, nodes: Mapping[str, Node], drafters: Collection[str]) -> Iterator[PartMistake]:
    """`drafters` are the nodes that may make drafts. Speeds and versions that are templates are checked row by row."""
    if literal(node.params.get("speed")) == Speed.DRAFT and not node.is_broken("params.speed"):
        yield from _may_draft(node)
    if node.mode.facts.follows_drafts_only:
        yield from _starts_from_drafts(node, nodes, drafters)


def _may_draft(node: Node) -> Iterator[PartMistake]:
    place = node.places["params.speed"]
    if not node.mode.facts.makes_drafts:
        message = f"node `{node.name}` is `{node.kind}`, and only {quoted(DRAFT_KINDS)} makes drafts"
        help_text = "use `fast` or `turbo`"
        yield "params.speed", Diagnostic(place=place, code="MJ033", message=message, help=help_text)
        return
    if node.is_broken("params.version"):
        return
    version = version_sent((literal(node.params.get("version")) or "").strip())
    templated = "version" in node.params and literal(node.params["version"]) is None
    if version != DRAFT_VERSION and not templated:
        has = f"version `{version}`" if version else "no version"
        message = f"drafts need version {DRAFT_VERSION}, and node `{node.name}` has {has}"
        help_text = f'set `version: "{DRAFT_VERSION}"`'
        yield "params.speed", Diagnostic(place=place, code="MJ033", message=message, help=help_text)


def _starts_from_drafts(node: Node, nodes: Mapping[str, Node], drafters: Collection[str]) -> Iterator[PartMistake]:
    for name in node.sources:
        source = nodes.get(name)
        if source and may_follow(node.mode, source.mode) and name not in drafters:
            yield (
                f"from.{name}",
                Diagnostic(
                    place=node.places[f"from.{name}"],
                    code="MJ026",
                    message=f"`{node.kind}` works on drafts, and `{name}` makes none",
                    help=f'a draft is a generate with `speed: draft` and `version: "{DRAFT_VERSION}"`, or its reroll',
                ),
            )


def may_be_drafts(nodes: Mapping[str, Node], graph: NodeGraph) -> frozenset[str]:
    """The nodes whose images may be drafts: those that generate drafts, and those that only repeat such nodes."""
    drafters: set[str] = set()
    for name in graph.order():
        node = nodes[name]
        if drafters.issuperset(node.sources) if node.mode.facts.repeats_source else _may_generate_drafts(node):
            drafters.add(name)
    return frozenset(drafters)


def _may_generate_drafts(node: Node) -> bool:
    if not node.mode.facts.makes_drafts:
        return False
    if node.is_broken("params.speed"):
        return True
    speed = node.params.get("speed")
    return speed is not None and literal(speed) in (Speed.DRAFT, None)
