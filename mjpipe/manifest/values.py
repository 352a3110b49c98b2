"""Values of single params that no row can change: their options and usual ranges."""

from collections.abc import Iterator

from mjpipe.contract import FIELDS_OF_KIND, Field, Speed
from mjpipe.domain import Diagnostic, Place, Severity
from mjpipe.manifest.breakage import Flaw
from mjpipe.manifest.model import Node, Param
from mjpipe.manifest.params import literal
from mjpipe.manifest.wording import quoted


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
    known = [str(option) for option in field.options]
    if known and written not in known:
        message = f"`{field.name}` cannot be `{written}`"
        yield Diagnostic(place=place, code="MJ014", message=message, help=f"it is one of {quoted(known)}")
    elif field.name == "speed" and written == Speed.RELAXED:
        message, mends = "`relaxed` is done and billed as `fast`", "say `speed: fast`"
        yield Diagnostic(place=place, code="MJ034", message=message, help=mends, severity=Severity.WARNING)
    elif field.usual and not field.usual[0] <= float(written) <= field.usual[1]:
        least, most = field.usual
        message = f"`{field.name}` is usually {least:g} to {most:g}, and here it is {written}"
        mends = "the service may refuse it, or bring it into that range"
        yield Diagnostic(place=place, code="MJ035", message=message, help=mends, severity=Severity.WARNING)
