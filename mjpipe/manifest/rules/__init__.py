"""The rules that hold between the parts of a manifest, and between it and the service."""

from mjpipe.manifest.rules.named_nodes import circle_mistake, former_name_mistakes, unknown_name_mistakes
from mjpipe.manifest.rules.node_rules import node_mistakes

__all__ = ["circle_mistake", "former_name_mistakes", "node_mistakes", "unknown_name_mistakes"]
