"""All rules for nodes that can be read."""

from collections.abc import Iterator, Mapping

from mjpipe.manifest.broken_parts import PartMistake
from mjpipe.manifest.graph import NodeGraph
from mjpipe.manifest.model import Node
from mjpipe.manifest.rules.drafts import draft_mistakes, may_be_drafts
from mjpipe.manifest.rules.from_and_images import source_mistakes
from mjpipe.manifest.rules.param_values import value_mistakes
from mjpipe.manifest.rules.prompts import prompt_mistakes
from mjpipe.manifest.rules.reference_images import reference_image_mistakes


def node_mistakes(nodes: Mapping[str, Node], graph: NodeGraph) -> Iterator[tuple[str, Iterator[PartMistake]]]:
    """The mistakes of each node, rule by rule, after its name."""
    drafters = may_be_drafts(nodes, graph)
    for name, node in nodes.items():
        yield name, value_mistakes(node)
        yield name, prompt_mistakes(node)
        yield name, reference_image_mistakes(node)
        yield name, draft_mistakes(node, nodes, drafters)
        yield name, source_mistakes(node, nodes)
