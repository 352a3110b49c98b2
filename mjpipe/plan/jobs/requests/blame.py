"""What is wrong with a value or a path, and the place to blame: a cell, a template, or the manifest."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mjpipe.domain import JobKey, Severity
from mjpipe.manifest import Node, Text
from mjpipe.plan.inputs.node_rows import NodeRow
from mjpipe.plan.jobs.requests.conversion import WrongValue
from mjpipe.plan.mistakes import Mistake
from mjpipe.plan.safe_names import sanitised
from mjpipe.plan.templates.paths import ELSEWHERE, LongPath, ReservedName
from mjpipe.plan.templates.template import RenderFault, Template


@dataclass(frozen=True, slots=True)
class Blame:
    """What is wrong, or with a severity of WARNING only unusual, with the value of a field.

    `template` gave the value; it is None where the manifest has the value as it is.
    """

    field: str
    template: Template | None
    fault: WrongValue
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Wrong:
    """Stands for a value that is wrong."""

    blames: tuple[Blame, ...]


@dataclass(frozen=True, slots=True)
class Unusual:
    """A value that is sent although it is unusual."""

    value: Any
    blames: tuple[Blame, ...]


def mistakes_in_manifest(blames: Iterable[Blame], node: Node) -> list[Mistake]:
    """For values that are the same in all rows: at their templates, or at the values themselves."""
    return [_in_manifest(blame, node) for blame in blames if not _was_reported(blame)]


def mistakes_in_row(blames: Iterable[Blame], node: Node, row: NodeRow, key: JobKey) -> list[Mistake]:
    """At the cells that the values come from, each where it is one cell alone; else in the manifest, and the help names
    the row. `key` is that of the row's job.
    """
    return [_in_row(blame, node, row, key) for blame in blames if not _was_reported(blame)]


def mistake_in_path(fault: RenderFault, path: Text | None, node: Node, row: NodeRow, key: JobKey) -> Mistake:
    """For a `path` that a row breaks; None is the default path. A name that mjpipe keeps for itself is blamed on the
    cell that brings it, if it is one cell alone.
    """
    if isinstance(fault, LongPath):
        advice = "make it shorter: leave out columns or folders, or name a shorter `outputs.dir`"
        where = path.place if path else node.place
        too_long = Mistake(where, "MJ121", "a path of images is too long for this system", f"{fault}; {advice}")
        return in_row(too_long, row, None, at=key)
    if not isinstance(fault, ReservedName):
        assert path, "the default path has no template that could fail"
        return in_row(Mistake(path.place, fault.code, fault.message("the path"), fault.help), row, fault.column, at=key)
    if path is None:
        advice = "set `outputs.path`, or rename the node"
        return Mistake(node.place, "MJ094", str(fault), advice)
    mistake = Mistake(path.place, "MJ094", str(fault), ELSEWHERE)
    columns = [name for name, value in row.cells.items() if value and fault.part.startswith(sanitised(value))]
    return in_row(mistake, row, columns[0] if len(columns) == 1 else None, at=key)


def in_row(mistake: Mistake, row: NodeRow, column: str | None, *, at: str) -> Mistake:
    """The mistake at the row's cell in that column; for None, or where the row has no such cell, where it is, and its
    help names the row. `at` is another value for each row.
    """
    cell = row.cell(column) if column else None
    return mistake.moved(cell) if cell else mistake.moved(mistake.where, row.described(), at=at)


_FOUND_IN_MANIFEST = frozenset({"MJ080", "MJ081"})
"""Of these, reading the manifest warns where the value is written there."""


def _was_reported(blame: Blame) -> bool:
    """Whether reading the manifest found it: a value that is written there and only unusual."""
    return blame.fault.code in _FOUND_IN_MANIFEST and (blame.template is None or blame.template.plain)


def _in_manifest(blame: Blame, node: Node) -> Mistake:
    fault = blame.fault
    if blame.template is None:
        where = node.places.get(f"params.{blame.field}", node.place)
    else:
        source = blame.template.text.source
        where = blame.template.text.at(max(0, source.find(fault.part)), len(fault.part or source))
    return Mistake(where, fault.code, str(fault), fault.help, severity=blame.severity)


def _in_row(blame: Blame, node: Node, row: NodeRow, key: JobKey) -> Mistake:
    mistake = _in_manifest(blame, node)
    if blame.template is None or _is_of_template(blame):
        return mistake
    column = blame.fault.column or _column_to_blame(blame.template, blame.fault.part, row)
    return in_row(mistake, row, column, at=key)


def _is_of_template(blame: Blame) -> bool:
    """Whether the template itself has the odd piece, for every row."""
    if blame.severity is Severity.ERROR or blame.fault.column or blame.template is None:
        return False
    return bool(blame.fault.part) and blame.fault.part in blame.template.text.source


def _column_to_blame(template: Template, part: str, row: NodeRow) -> str | None:
    """The one column that a wrong value comes from, None when it is not one alone."""
    if template.whole:
        return template.whole
    if not part:
        return None
    holding = [column for column in template.columns if part in row.values.get(column, "")]
    return holding[0] if len(holding) == 1 else None
