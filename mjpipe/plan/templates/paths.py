"""Paths of images: the text of a template, made of names that every file system takes."""

import re
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from jinja2 import nodes

from mjpipe.domain import EXTENSION
from mjpipe.manifest import Text
from mjpipe.plan.mistakes import Mistakes
from mjpipe.plan.safe_names import RESERVED, sanitised, shortened
from mjpipe.plan.templates.compiler import Compiler
from mjpipe.plan.templates.jinja.environment import BoundedEnvironment
from mjpipe.plan.templates.names.pieces import Name, pieces_of
from mjpipe.plan.templates.names.scope import SOURCE_KEY, Scope, Values, context_of, depends_on_broken
from mjpipe.plan.templates.template import RenderFault

PATH_NAMES = frozenset({"node", "key", "image", "number", "take", "ext"})
"""The names that path templates may use besides the row."""

LONGEST_SEGMENT = 200
"""Bytes of one name within a path. This leaves room for the ending, and for that of a temporary file."""

_TAIL = 60
"""Characters at the end of a name that are kept when it is shortened: they have the label and the ending."""

# Stand for an image's label and number while the rest of its path is rendered, once for all images of a job.
_IMAGE = "\x1c"
_NUMBER = "\x1d"

_ILLEGAL = re.compile(r"[\\:\x00-\x1f\x7f]")
_UPWARDS = re.compile(r"(?:^|/)(\.\.)(?=/|$)")
_ODD_SEGMENT = re.compile(rf"(?:^|/)(?:\.{{0,2}}(?:/|$)|{RESERVED.pattern.replace('$', '/|$')})", re.IGNORECASE)

_OURS = re.compile(
    r"(?:^|/)(\.(?!\.?(?:/|$))[^/]*)|^(report|assets\.(?:[^/]*\.)?jsonl)[. ]*(?=/|$)",
    re.IGNORECASE,
)
"""Names below `outputs.dir` that images may not have: reports use them, and names that begin with a dot are mjpipe's
own. Matched in any case, and with the characters that Windows drops at the end of a name.
"""
_FIRST_OF_OURS = ".rRaA"

RESERVED_NAME = "images cannot go to `{}`: mjpipe needs that name itself"
ELSEWHERE = "give images another folder: `report/`, `assets.jsonl` and names that begin with a dot are reserved"

Render = Callable[[Values, str, int | None, int, str], str]
"""From values, key, take, image number and image label to a path."""


class ReservedName(RenderFault):
    """A path with a name that mjpipe keeps for itself, which is `part`."""

    def __init__(self, part: str) -> None:
        super().__init__(RESERVED_NAME.format(part))
        self.part = part


class LongPath(RenderFault):
    """A path that the system below the output folder has no room for; the message says why."""


class PathSafe(str):
    """A value that is safe in a path as it is."""

    __slots__ = ()


class PathEnvironment(BoundedEnvironment):
    """Makes every value safe that a template puts out."""

    def put_out(self, value: Any) -> str:
        return value if isinstance(value, PathSafe) else sanitised(str(super().put_out(value)))


class Paths:
    """Gives the paths of one node's images."""

    def __init__(self, render: Render, *, per_image: bool) -> None:
        self._render = render
        self._per_image = per_image

    def of(self, values: Values, key: str, take: int | None, labels: Sequence[str]) -> tuple[str, ...]:
        """One path for each label, the label's index being the image's number; raises RenderFault."""
        if self._per_image:
            return tuple(_free(self._render(values, key, take, number, label)) for number, label in enumerate(labels))
        pattern = _free(self._render(values, key, take, 0, _IMAGE))
        paths = [pattern.replace(_IMAGE, label) for label in labels]
        if _NUMBER in pattern:
            paths = [path.replace(_NUMBER, str(number)) for number, path in enumerate(paths)]
        return tuple(paths)


def default_paths() -> Paths:
    """`{{ key }}-{{ number }}.{{ ext }}`"""
    return Paths(lambda _values, key, _take, _number, _label: f"{key}-{_NUMBER}.{EXTENSION}", per_image=False)


def compiled_paths(text: Text, node: str, scope: Scope, compiler: Compiler, mistakes: Mistakes) -> Paths | None:
    """The paths that a template gives to a node's images; None when it is wrong for that node, or depends on another
    mistake.
    """
    tree = compiler.parsed(text, scope)
    if tree is None:
        return None
    errors = mistakes.errors
    _check_own_text(tree, text, mistakes)
    compiler.knows_names(tree, text, scope)
    if mistakes.errors > errors or depends_on_broken(tree, scope):
        return None
    if not _puts_out(tree, "ext"):
        mistakes.warning(
            text.place,
            "MJ087",
            "the path does not end in `{{ ext }}`",
            help="every file gets that ending, even if the image is of another type",
        )
    safe_node = sanitised(node)
    pieces = pieces_of(tree, scope)
    if pieces is not None:
        return Paths(_joined(pieces, safe_node, scope), per_image=False)
    return _with_jinja(tree, text, safe_node, scope, compiler)


def _check_own_text(tree: nodes.Template, text: Text, mistakes: Mistakes) -> None:
    """Checks that the template's own text stays within the folder, on every system."""
    faults = []
    for data in tree.find_all(nodes.TemplateData):
        found = _ILLEGAL.search(data.data) or _UPWARDS.search(data.data)
        if found:
            faults.append((found[found.lastindex or 0], "write folders with `/`, below `outputs.dir`"))
    if text.source.startswith("/"):
        faults.append(("/", "paths are below `outputs.dir`: leave out the first `/`"))
    for part, advice in faults:
        shown = part if part.isprintable() else f"U+{ord(part):04X}"
        place = text.at(max(0, text.source.find(part)), len(part))
        mistakes.error(place, "MJ085", f"a path cannot have `{shown}` there", help=advice)
    if not faults:
        _check_reserved(tree, text, mistakes)


def _check_reserved(tree: nodes.Template, text: Text, mistakes: Mistakes) -> None:
    """Checks that the template's own text has no reserved name, whatever the values beside it are."""
    for data in tree.find_all(nodes.TemplateData):
        # Values before and behind a piece may be part of its name: then the row reports it.
        before, behind = ("" if data is _piece(tree, end) else "x" for end in (0, -1))
        part = reserved_part(before + data.data + behind)
        if part is not None:
            part = part if part in data.data else part[:-1]  # without the placeholder for the next piece
            place = text.at(max(0, text.source.find(part)), len(part))
            mistakes.error(place, "MJ094", RESERVED_NAME.format(part), help=ELSEWHERE)


def _piece(tree: nodes.Template, end: int) -> nodes.Node | None:
    """The first piece of a template (0), or the last one (-1), if it is always put out."""
    output = tree.body[end] if tree.body else None
    return output.nodes[end] if isinstance(output, nodes.Output) else None


def _joined(pieces: tuple[str | Name, ...], node: str, scope: Scope) -> Render:
    """Renders texts and names without Jinja."""
    texts = {"node": node, "image": _IMAGE, "number": _NUMBER, "ext": EXTENSION}
    columns: list[str] = []
    pattern = ""
    for piece in pieces:
        match piece:
            case str():
                pattern += _escaped(piece)
            case Name(of="path", name="key"):
                pattern += "{0}"
            case Name(of="path", name="take"):
                pattern += "{1}"
            case Name(of="path", name=name):
                pattern += _escaped(texts[name])
            case Name(of="vars", name=name):
                pattern += _escaped(sanitised(scope.vars[name]))
            case Name(of=of, name=name):
                column = SOURCE_KEY if of == "source" else name
                if column not in columns:
                    columns.append(column)
                pattern += f"{{{columns.index(column) + 2}}}"
    put = pattern.format

    def render(values: Values, key: str, take: int | None, _number: int, _label: str) -> str:
        return put(key, "" if take is None else take, *[sanitised(values[column]) for column in columns])

    return render


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def _with_jinja(tree: nodes.Template, text: Text, node: str, scope: Scope, compiler: Compiler) -> Paths:
    per_image = _computes_with(tree, {"image", "number"})
    context = context_of(scope)

    def names(values: Mapping[str, Any]) -> dict[str, Any]:
        return {**context(values["values"]), **values["names"]}

    jinja = compiler.rendering(text, tree, scope, names, itemgetter("values"))

    def render(values: Values, key: str, take: int | None, number: int, label: str) -> str:
        built_in = {
            "node": PathSafe(node),
            "key": PathSafe(key),
            "image": PathSafe(label),
            "number": number if per_image else PathSafe(_NUMBER),
            "take": "" if take is None else take,
            "ext": PathSafe(EXTENSION),
        }
        return jinja({"values": values, "names": built_in})

    return Paths(render, per_image=per_image)


def _computes_with(tree: nodes.Template, names: set[str]) -> bool:
    """Whether a name is used other than to be put out unchanged."""
    uses = sum(node.name in names for node in tree.find_all(nodes.Name))
    return uses > sum(_puts_out(tree, name) for name in names)


def _puts_out(tree: nodes.Template, name: str) -> int:
    """How often a name is put out unchanged."""
    outputs = [node for output in tree.find_all(nodes.Output) for node in output.nodes]
    return sum(isinstance(node, nodes.Name) and node.name == name for node in outputs)


def _free(path: str) -> str:
    """`path` with safe names; raises ReservedName if it has a name that mjpipe keeps for itself."""
    path = _safe(path)
    part = reserved_part(path)
    if part is not None:
        raise ReservedName(part.replace(EXTENSION, "*").replace(_IMAGE, "*").replace(_NUMBER, "*"))
    return path


def reserved_part(path: str) -> str | None:
    """The name in a path below `outputs.dir` that mjpipe keeps for itself, None if there is none."""
    if path[:1] not in _FIRST_OF_OURS and "/." not in path:
        return None  # nearly every path, in a tenth of the time that a search takes
    found = _OURS.search(path)
    return None if found is None else found[1] or found[2]


def _safe(path: str) -> str:
    """`path` without empty, reserved or overlong names."""
    if len(path) <= LONGEST_SEGMENT and path.isascii() and not _ODD_SEGMENT.search(path):
        return path
    return "/".join(map(_safe_segment, path.split("/")))


def _safe_segment(segment: str) -> str:
    if not segment.strip("."):
        segment = "_" * max(1, len(segment))
    if RESERVED.match(segment):
        segment = f"_{segment}"
    if len(segment.encode("utf-8", "replace")) <= LONGEST_SEGMENT:
        return segment
    head, tail = segment[:-_TAIL], segment[-_TAIL:]
    return shortened(head, LONGEST_SEGMENT - len(tail.encode("utf-8", "replace")), of=segment) + tail
