"""Draws the nodes of a plan, for Mermaid and for Graphviz."""

from mjpipe.manifest import ChosenImages, Manifest, Node
from mjpipe.plan.outcome.summary import PlanSummary
from mjpipe.plan.outcome.summary_text import cost_text, standing_text


def mermaid(manifest: Manifest, summary: PlanSummary) -> str:
    """A flowchart: a box for each node with its jobs and dollars, and arrows to the nodes that start from it."""
    ids = {name: f"n{number}" for number, name in enumerate(manifest.nodes)}
    boxes = [f'    {ids[name]}["{"<br/>".join(map(_html, lines))}"]' for name, lines in _captions(summary).items()]
    arrows = [
        f"    {ids[source]} -->|{_images(manifest.nodes[target])}| {ids[target]}"
        for source, target in manifest.graph.edges
    ]
    return "\n".join(["flowchart LR", *boxes, *arrows, ""])


def dot(manifest: Manifest, summary: PlanSummary) -> str:
    """The same for Graphviz."""
    boxes = [
        f"    {_quoted(name)} [label={_quoted(chr(10).join(lines))}];" for name, lines in _captions(summary).items()
    ]
    arrows = [
        f"    {_quoted(source)} -> {_quoted(target)} [label={_quoted(_images(manifest.nodes[target]))}];"
        for source, target in manifest.graph.edges
    ]
    head = [f"digraph {_quoted(summary.campaign)} {{", "    rankdir=LR;", "    node [shape=box];"]
    return "\n".join([*head, *boxes, *arrows, "}", ""])


DRAWINGS = {"mermaid": mermaid, "dot": dot}
"""By the name of the language."""


def _captions(summary: PlanSummary) -> dict[str, tuple[str, ...]]:
    return {
        node.name: tuple(filter(None, (f"{node.name}: {node.kind}", standing_text(node.tally), cost_text(node.tally))))
        for node in summary.nodes
    }


def _images(node: Node) -> str:
    """Which images of its source a node starts from."""
    match node.images:
        case ChosenImages() as choice:
            return choice.value
        case None:
            return "task"
        case numbers:
            return " ".join(map(str, numbers))


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
