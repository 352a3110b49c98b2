"""Values of single params that no row can change: their options and usual ranges."""

from collections.abc import Iterator

from mjpipe.contract import FIELDS_OF_KIND, Field, Speed
from mjpipe.domain import Diagnostic, Place, Severity
from mjpipe.manifest.breakage import Flaw
from mjpipe.manifest.model import Node, Param
from mjpipe.manifest.objections import RELAXED_OBJECTION, Objection, option_objection, range_objection
from mjpipe.manifest.params import literal


def value_flaws(node: Node) -> Iterator[Flaw]:
    """Looks at options again: the schema judges a default apart from the nodes that it ends in."""
    for field in FIELDS_OF_KIND[node.kind]:
        param = node.params.get(field.name)
        if param is not None:
            part = f"params.{field.name}"
            yield from ((part, mistake) for mistake in _value(field, param, node.places[part]))


def _value(field: Field, param: Param, place: Place) -> Iterator[Diagnostic]:
    written = literal(param)
    if written is None or not written.strip():
        return
    written = written.strip()
    if objection := option_objection(field, written):
        yield Diagnostic(place=place, code="MJ014", message=objection.message, help=objection.help)
    elif field.name == "speed" and written == Speed.RELAXED:
        yield _warning(place, "MJ034", RELAXED_OBJECTION)
    elif objection := range_objection(field, written):
        yield _warning(place, "MJ035", objection)


def _warning(place: Place, code: str, objection: Objection) -> Diagnostic:
    return Diagnostic(place=place, code=code, message=objection.message, help=objection.help, severity=Severity.WARNING)
