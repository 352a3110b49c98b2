"""Reads and checks a manifest file, stage by stage."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from mjpipe.domain import Diagnostic, Place, plain_form, reason_of
from mjpipe.files import read_regular
from mjpipe.manifest.broken_parts import BrokenParts
from mjpipe.manifest.document import tree
from mjpipe.manifest.document.parsing import read_yaml
from mjpipe.manifest.document.pasted_signs import cut_texts, named_signs, pasted_quotes
from mjpipe.manifest.document.secrets import masked_line, secrets_of
from mjpipe.manifest.document.source_text import SourceText
from mjpipe.manifest.graph import NodeGraph
from mjpipe.manifest.model import Input, Loaded, Manifest, Node
from mjpipe.manifest.rules import circle_mistake, former_name_mistakes, node_mistakes, unknown_name_mistakes
from mjpipe.manifest.schema.validation import schema_errors
from mjpipe.manifest.sections.inputs import below, input_mistakes, read_input
from mjpipe.manifest.sections.nodes import read_node
from mjpipe.manifest.sections.prices import read_price_file, read_prices
from mjpipe.manifest.sections.rows import cell
from mjpipe.manifest.sections.top_level import (
    campaign_mistakes,
    former_campaign_mistakes,
    read_former_campaigns,
    read_limits,
    read_outputs,
    read_picks_path,
    read_polling,
    read_receipts,
    receipts_mistakes,
)

LARGEST_MANIFEST = 4 << 20
"""Bytes of a manifest. Many rows belong in files beside it."""


def load_manifest(path: Path) -> Loaded:
    """The manifest in a file. Diagnostics show `path` as it is given here. Raises nothing."""
    try:
        text = read_regular(path, LARGEST_MANIFEST).decode("utf-8-sig")
    except OSError as fault:
        return _unreadable(path, 1, reason_of(fault))
    except UnicodeDecodeError as fault:
        return _unreadable(path, fault.object.count(b"\n", 0, fault.start) + 1, reason_of(fault))
    return manifest_from(text, path)


def _unreadable(path: Path, line: int, reason: str) -> Loaded:
    place = Place(file=str(path), line=line)
    message = f"the manifest cannot be read: {reason}"
    return Loaded(manifest=None, diagnostics=(Diagnostic(place=place, code="MJ001", message=message),))


def manifest_from(text: str, path: Path) -> Loaded:
    """The manifest in `text`, the content of the file `path`. Raises nothing."""
    source = SourceText(str(path), plain_form(text))
    document, diagnostics = read_yaml(source)
    if not isinstance(document, tree.Map):
        return _no_mapping(source, document, diagnostics)
    secrets = secrets_of(document)
    written = tree.without(document, secrets.paths)
    refused = schema_errors(written)
    usable = tree.without(written, refused.unusable)
    found = BrokenParts([*diagnostics, *secrets.diagnostics, *refused.diagnostics], refused.broken | secrets.paths)
    inputs = _inputs(written, usable, path.parent, found)
    nodes, graph = _nodes(written, usable, inputs, found)
    campaign = usable.written("campaign") or path.stem
    found.add(("campaign",), campaign_mistakes(usable))
    found.add(("was",), former_campaign_mistakes(usable, campaign))
    limits, mistakes = read_limits(usable.map("limits"))
    found.add(("limits",), mistakes)
    prices, mistakes = read_prices(usable, path.parent)
    found.add(("prices",), mistakes)
    outputs = read_outputs(usable.map("outputs"), path.parent, campaign)
    receipts = read_receipts(usable, path)
    found.add(("receipts",), receipts_mistakes(usable, receipts, outputs.dir, below(path.parent, ".")))
    manifest = Manifest(
        path=path,
        source=text,
        campaign=campaign,
        was=read_former_campaigns(usable, campaign),
        vars={name: cell(entry.value) for name, entry in usable.map("vars").entries.items()},
        inputs=inputs,
        nodes=nodes,
        graph=graph,
        limits=limits,
        outputs=outputs,
        picks=read_picks_path(usable, path.parent),
        receipts=receipts,
        polling=read_polling(usable.map("polling")),
        price_overrides=prices,
        price_file=read_price_file(usable, path.parent),
        broken=found.parts(),
    )
    if "#" in text:
        found.add((), cut_texts(written))
    if not text.isascii():
        found.add((), pasted_quotes(usable))
    return Loaded(
        manifest=manifest,
        diagnostics=_sorted(secrets.hidden(named_signs(mistake, source)) for mistake in found.diagnostics),
    )


def _no_mapping(source: SourceText, document: tree.Value | None, diagnostics: list[Diagnostic]) -> Loaded:
    """For a file that YAML cannot read, or in which it finds something else than a mapping."""
    if not diagnostics:
        what = "is empty" if document is None else "is a mapping of keys, such as `campaign: NAME`"
        place = source.place(0) if document is None else document.place
        diagnostics = [Diagnostic(place=place, code="MJ002", message=f"the manifest {what}")]
    return Loaded(
        manifest=None, diagnostics=_sorted(masked_line(named_signs(mistake, source)) for mistake in diagnostics)
    )


def _inputs(written: tree.Map, usable: tree.Map, folder: Path, found: BrokenParts) -> dict[str, Input]:
    entries = written.map("inputs").entries
    inputs = {}
    for name, entry in usable.map("inputs").entries.items():
        found.add_to_parts(("inputs", name), input_mistakes(entries[name], entry.value, found.parts("inputs", name)))
        if value := read_input(entries[name], entry.value, folder, found.parts("inputs", name)):
            inputs[name] = value
    return inputs


def _nodes(
    written: tree.Map, usable: tree.Map, inputs: Mapping[str, Input], found: BrokenParts
) -> tuple[dict[str, Node], NodeGraph]:
    nodes = _read_nodes(written, usable, found)
    for name, mistake in former_name_mistakes(written.map("nodes")):
        found.add(("nodes", name, "was"), [mistake])
    nodes = _without_circles(nodes, found)
    nodes = {name: _without_unreadable(node, nodes, inputs) for name, node in nodes.items()}
    graph = _graph(nodes)
    for name, mistakes in node_mistakes(nodes, graph):
        found.add_to_parts(("nodes", name), mistakes)
    return {name: replace(node, broken=node.broken | found.parts("nodes", name)) for name, node in nodes.items()}, graph


def _read_nodes(written: tree.Map, usable: tree.Map, found: BrokenParts) -> dict[str, Node]:
    entries = written.map("nodes").entries
    named = [found.names(written, section) for section in ("nodes", "inputs")]
    defaults = frozenset(f"defaults.{part}" if part else "defaults" for part in found.parts("defaults"))
    nodes = {}
    for name in usable.map("nodes").entries:
        fields = usable.map("nodes").map(name)
        found.add_to_parts(("nodes", name), unknown_name_mistakes(fields, *named))
        broken = found.parts("nodes", name) | defaults
        if node := read_node(entries[name], fields, usable.map("defaults"), broken):
            nodes[name] = node
    return nodes


def _without_circles(nodes: dict[str, Node], found: BrokenParts) -> dict[str, Node]:
    """The nodes, those of circles without their sources."""
    for circle in _graph(nodes).circles():
        found.add(("nodes", circle[0], "from"), [circle_mistake(circle, nodes)])
        nodes |= {name: replace(nodes[name], sources=(), broken=nodes[name].broken | {"from"}) for name in circle}
    return nodes


def _graph(nodes: Mapping[str, Node]) -> NodeGraph:
    return NodeGraph({name: node.sources for name, node in nodes.items()})


def _without_unreadable(node: Node, nodes: Mapping[str, Node], inputs: Mapping[str, Input]) -> Node:
    """The node without those of its sources and inputs that could not be read."""
    unreadable = {f"from.{name}" for name in node.sources if name not in nodes}
    unreadable |= {f"for_each.{name}" for name in node.for_each if name not in inputs}
    return replace(
        node,
        sources=tuple(name for name in node.sources if name in nodes),
        for_each=tuple(name for name in node.for_each if name in inputs),
        broken=node.broken | unreadable,
    )


def _sorted(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(dict.fromkeys(diagnostics), key=Diagnostic.order))
