"""Diagnostics as one JSON document, described by `schemas/diagnostics.schema.json`."""

from collections.abc import Sequence

from mjpipe.domain import Diagnostic, json_text

SCHEMA_VERSION = 1


def as_json(diagnostics: Sequence[Diagnostic]) -> str:
    return json_text(_document(diagnostics), indent=2) + "\n"


def _document(diagnostics: Sequence[Diagnostic]) -> dict[str, object]:
    errors = sum(diagnostic.count for diagnostic in diagnostics if diagnostic.is_error)
    return {
        "schema_version": SCHEMA_VERSION,
        "errors": errors,
        "warnings": sum(diagnostic.count for diagnostic in diagnostics) - errors,
        "diagnostics": [
            {
                "file": diagnostic.place.file,
                "line": diagnostic.place.line,
                "column": diagnostic.place.column,
                "width": diagnostic.place.width,
                "severity": str(diagnostic.severity),
                "code": diagnostic.code,
                "message": diagnostic.message,
                "help": diagnostic.help,
                "also": diagnostic.also,
                "alike": diagnostic.alike,
            }
            for diagnostic in diagnostics
        ],
    }
