"""Rules for single params whose value no row changes: options and usual ranges."""

from collections.abc import Iterator

from mjpipe.contract import FIELDS_OF_KIND, Field, Speed
from mjpipe.domain import Diagnostic, Place, Severity
from mjpipe.manifest.broken_parts import PartMistake
from mjpipe.manifest.model import Node, Param
from mjpipe.manifest.sections.params import literal
from mjpipe.manifest.value_problems import RELAXED_PROBLEM, Problem, option_problem, range_problem


def value_mistakes(node: Node) -> Iterator[PartMistake]:
    """Checks options again: the schema checks a default apart from the nodes that take it."""
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
    if problem := option_problem(field, written):
        yield Diagnostic(place=place, code="MJ014", message=problem.message, help=problem.help)
    elif field.name == "speed" and written == Speed.RELAXED:
        yield _warning(place, "MJ034", RELAXED_PROBLEM)
    elif problem := range_problem(field, written):
        yield _warning(place, "MJ035", problem)


def _warning(place: Place, code: str, problem: Problem) -> Diagnostic:
    return Diagnostic(place=place, code=code, message=problem.message, help=problem.help, severity=Severity.WARNING)
