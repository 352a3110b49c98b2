"""Reports as files: a format is one module, and one line here."""

from mjpipe.report.formats import assets_jsonl, costs_csv, costs_json, github, junit
from mjpipe.report.formats.format import Document, Format, Table

FORMATS: tuple[Format, ...] = (
    assets_jsonl.FORMAT,
    costs_csv.FORMAT,
    costs_json.FORMAT,
    junit.FORMAT,
    github.FORMAT,
)

ON_REQUEST = {form.name: form for form in FORMATS if form.path is None}
"""By name: what a report writes only when it is asked for, as by an option."""

__all__ = ["FORMATS", "ON_REQUEST", "Document", "Format", "Table"]
