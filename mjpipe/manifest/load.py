"""A manifest file, read and checked, stage by stage."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from mjpipe.domain import Diagnostic, Place
from mjpipe.manifest import tree
from mjpipe.manifest.drafts import draft_mistakes
from mjpipe.manifest.follow_ups import follow_up_mistakes
from mjpipe.manifest.inputs import input_mistakes, read_input
from mjpipe.manifest.lines import Lines
from mjpipe.manifest.model import Input, Loaded, Manifest, Node
from mjpipe.manifest.nodes import read_node
from mjpipe.manifest.pictures import picture_mistakes
from mjpipe.manifest.prices import read_prices
from mjpipe.manifest.prompts import prompt_mistakes
from mjpipe.manifest.reading import read_yaml
from mjpipe.manifest.references import circle_mistake, circles, former_names, named_things_exist
from mjpipe.manifest.rows import cell
from mjpipe.manifest.secrets import masked_line, secrets_of
from mjpipe.manifest.settings import campaign_mistakes, read_limits, read_outputs, read_picks, read_polling
from mjpipe.manifest.shape import shape_of
from mjpipe.manifest.values import value_mistakes


@dataclass(frozen=True, slots=True)
class Findings:
    """All mistakes so far, and the paths of what has errors: `("nodes", "hero", ...)`."""

    diagnostics: list[Diagnostic]
    faulty: set[tree.Path]

    def add(self, path: tree.Path, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.diagnostics.append(diagnostic)
            if diagnostic.is_error:
                self.faulty.add(path)

    def sound(self, inputs: dict[str, Input], nodes: dict[str, Node]) -> tuple[dict[str, Input], dict[str, Node]]:
        """The inputs and nodes without errors, less the nodes that depend on others."""
        wrong = {path[:2] for path in self.faulty}
        inputs = {name: value for name, value in inputs.items() if ("inputs", name) not in wrong}
        nodes = {name: node for name, node in nodes.items() if ("nodes", name) not in wrong}
        while lost := [
            name
            for name, node in nodes.items()
            if not (inputs.keys() >= set(node.for_each) and nodes.keys() >= set(node.sources))
        ]:
            nodes = {name: node for name, node in nodes.items() if name not in lost}
        return inputs, nodes


def load_manifest(path: Path) -> Loaded:
    """The manifest in a file; `path` is shown in diagnostics as it is given here. Raises nothing."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as fault:
        return _unreadable(path, 1, (fault.strerror or str(fault)).lower())
    except UnicodeDecodeError as fault:
        return _unreadable(path, fault.object.count(b"\n", 0, fault.start) + 1, "it is not UTF-8")
    return manifest_from(text, path)


def _unreadable(path: Path, line: int, reason: str) -> Loaded:
    place = Place(file=str(path), line=line)
    message = f"the manifest cannot be read: {reason}"
    return Loaded(manifest=None, diagnostics=(Diagnostic(place=place, code="MJ001", message=message),))


def manifest_from(text: str, path: Path) -> Loaded:
    """The manifest in `text`, which stands in the file `path`. Raises nothing."""
    lines = Lines(str(path), text)
    document, diagnostics = read_yaml(lines)
    if not isinstance(document, tree.Map):
        if not diagnostics:
            what = "is empty" if document is None else "is a mapping of keys, such as `campaign: NAME`"
            place = lines.place(0) if document is None else document.place
            diagnostics = [Diagnostic(place=place, code="MJ002", message=f"the manifest {what}")]
        return Loaded(manifest=None, diagnostics=_told(map(masked_line, diagnostics)))
    secrets = secrets_of(document)
    written = tree.without(document, secrets.paths)
    shape = shape_of(written)
    usable = tree.without(written, shape.unusable)
    found = Findings([*diagnostics, *secrets.diagnostics, *shape.diagnostics], shape.faulty)
    inputs = _inputs(usable, path.parent, found)
    nodes = _nodes(written, usable, found)
    found.add(("campaign",), campaign_mistakes(usable))
    limits, mistakes = read_limits(usable.map("limits"))
    found.add(("limits",), mistakes)
    prices, mistakes = read_prices(usable, path.parent)
    found.add(("prices",), mistakes)
    inputs, nodes = found.sound(inputs, nodes)
    manifest = Manifest(
        path=path,
        source=text,
        campaign=usable.written("campaign") or path.stem,
        vars={name: cell(entry.value) for name, entry in usable.map("vars").entries.items()},
        inputs=inputs,
        nodes=nodes,
        limits=limits,
        outputs=read_outputs(usable.map("outputs"), path.parent),
        picks=read_picks(usable, path.parent),
        polling=read_polling(usable.map("polling")),
        price_overrides=prices,
    )
    return Loaded(manifest=manifest, diagnostics=_told(map(secrets.hidden, found.diagnostics)))


def _inputs(usable: tree.Map, folder: Path, found: Findings) -> dict[str, Input]:
    inputs = {}
    for name, entry in usable.map("inputs").entries.items():
        found.add(("inputs", name), input_mistakes(entry))
        if ("inputs", name) not in found.faulty and (value := read_input(entry, folder)):
            inputs[name] = value
    return inputs


def _nodes(written: tree.Map, usable: tree.Map, found: Findings) -> dict[str, Node]:
    entries, inputs = written.map("nodes").entries, written.map("inputs").entries
    nodes = {}
    for name in usable.map("nodes").entries:
        fields = usable.map("nodes").map(name)
        found.add(("nodes", name), named_things_exist(fields, entries, inputs))
        if node := read_node(entries[name], fields, usable.map("defaults")):
            nodes[name] = node
    for name, mistake in former_names(written.map("nodes")):
        found.add(("nodes", name), [mistake])
    straight = dict(nodes)
    for circle in circles(nodes):
        found.add(("nodes", circle[0]), [circle_mistake(circle, nodes)])
        for name in circle:
            found.faulty.add(("nodes", name))
            del straight[name]
    for name, node in straight.items():
        for mistakes in (
            value_mistakes(node),
            prompt_mistakes(node),
            picture_mistakes(node),
            draft_mistakes(node, straight),
            follow_up_mistakes(node, straight),
        ):
            found.add(("nodes", name), mistakes)
    return nodes


def _told(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    return tuple(sorted(dict.fromkeys(diagnostics), key=Diagnostic.order))
