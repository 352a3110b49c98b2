"""The rules that hold between the parts of a manifest, and between it and the service."""

from mjpipe.manifest.rules.all_rules import broken_rules
from mjpipe.manifest.rules.named_nodes import circle_mistake, former_name_mistakes, unknown_name_mistakes

__all__ = ["broken_rules", "circle_mistake", "former_name_mistakes", "unknown_name_mistakes"]
