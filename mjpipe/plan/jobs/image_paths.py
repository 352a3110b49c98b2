"""The paths of the images of one node's jobs."""

from collections.abc import Sequence
from dataclasses import replace

from mjpipe.domain import JobKey
from mjpipe.files import Lengths
from mjpipe.manifest import Manifest, Node
from mjpipe.plan.inputs.node_rows import NodeRow
from mjpipe.plan.jobs.labels import image_label
from mjpipe.plan.jobs.requests.blame import mistake_in_path
from mjpipe.plan.mistakes import Mistake, Mistakes
from mjpipe.plan.templates.compiler import Compiler
from mjpipe.plan.templates.names.scope import Scope, Values
from mjpipe.plan.templates.paths import LONGEST_SEGMENT, PATH_NAMES, LongPath, Paths, compiled_paths, default_paths
from mjpipe.plan.templates.template import RenderFault


class ImagePaths:
    """By the template of `outputs.path`, or as they are by default. It is `broken` when that template is wrong."""

    def __init__(
        self, node: Node, manifest: Manifest, scope: Scope, templates: Compiler, mistakes: Mistakes, *, lengths: Lengths
    ) -> None:
        self._node = node
        self._path = manifest.outputs.path
        self._image_count = node.mode.facts.images
        self._own_labels = tuple(map(str, range(self._image_count)))
        self._lengths = lengths
        self._surely_fits = lengths.surely_fits(LONGEST_SEGMENT)
        self._paths: Paths | None
        if manifest.broken & {"outputs", "outputs.path"}:
            self._paths = None
        elif self._path is None:
            self._paths = default_paths()
        else:
            scope = replace(scope, extra=PATH_NAMES)
            self._paths = compiled_paths(self._path, node.name, scope, templates, mistakes)

    @property
    def broken(self) -> bool:
        return self._paths is None

    def of(
        self, row: NodeRow, values: Values, key: JobKey, take: int | None, lead: str
    ) -> tuple[tuple[str, ...], Sequence[Mistake]]:
        """One path for each image of a job, or none and what is wrong with them."""
        if self._paths is None:
            return (), ()
        labels = self._own_labels
        if lead:
            count = self._image_count
            labels = tuple([image_label(lead, number, planned=count) for number in range(count)])
        try:
            paths = self._paths.of(values, key, take, labels)
            if len(paths[-1]) > self._surely_fits:
                self._check_length(paths[-1])
        except RenderFault as fault:
            return (), (mistake_in_path(fault, self._path, self._node, row, key),)
        return paths, ()

    def _check_length(self, path: str) -> None:
        """Raises LongPath. The paths of a job's images are about as long."""
        why = self._lengths.too_long(path)
        if why is not None:
            raise LongPath(why)
