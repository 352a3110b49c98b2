"""Whether `was` of nodes says something that the state knows."""

from collections.abc import Iterator

from mjpipe.campaign.gate.finding import Finding, Severity, Situation
from mjpipe.campaign.opened import FirstNames
from mjpipe.manifest import did_you_mean, quoted


def former_names(situation: Situation) -> Iterator[Finding]:
    """Finds former names of which the state knows nothing, and those that cannot be one node's."""
    nodes = situation.campaign.manifest.nodes
    if not (any(node.was for node in nodes.values()) and situation.ledger.bindings.has_sent()):
        return
    names = FirstNames(situation.ledger)
    for node in nodes.values():
        if not node.was or names.remembers(node.name, node.was):
            continue
        known = [name for name in node.was if names.knows(name)]
        if not known:
            gone = [name for name in names.paid if name not in nodes]
            yield Finding(
                severity=Severity.WARNING,
                evidence=f"node `{node.name}` says that it was {quoted(node.was)}, and the state has no such node",
                remedy=did_you_mean(node.was[0], gone, "nodes that are gone:") or "remove `was`",
            )
        elif len({names.recorded(name) for name in known}) > 1:
            yield Finding(
                severity=situation.severity,
                evidence=f"node `{node.name}` says that it was {quoted(known)}, and these were different nodes",
                remedy="keep the one in `was` whose results the node is to have; those of the others become orphans",
            )
