"""YAML read into a checked manifest, or into every mistake that it has."""

from mjpipe.manifest.codes import EXPLANATIONS, Explanation, explanation
from mjpipe.manifest.graph import NodeGraph
from mjpipe.manifest.load import load_manifest, manifest_from
from mjpipe.manifest.model import (
    Images,
    Input,
    Limits,
    Loaded,
    Manifest,
    MatrixInput,
    Node,
    Outputs,
    Param,
    Polling,
    TableFormat,
    TableInput,
    Text,
)
from mjpipe.manifest.objections import (
    RELAXED_OBJECTION,
    Objection,
    flag_objections,
    length_objection,
    option_objection,
    range_objection,
    url_objection,
)
from mjpipe.manifest.wording import did_you_mean, nearest, quoted, short, with_article

__all__ = [
    "EXPLANATIONS",
    "RELAXED_OBJECTION",
    "Explanation",
    "Images",
    "Input",
    "Limits",
    "Loaded",
    "Manifest",
    "MatrixInput",
    "Node",
    "NodeGraph",
    "Objection",
    "Outputs",
    "Param",
    "Polling",
    "TableFormat",
    "TableInput",
    "Text",
    "did_you_mean",
    "explanation",
    "flag_objections",
    "length_objection",
    "load_manifest",
    "manifest_from",
    "nearest",
    "option_objection",
    "quoted",
    "range_objection",
    "short",
    "url_objection",
    "with_article",
]
