"""YAML read into a checked manifest, or into every mistake that it has."""

from mjpipe.manifest.codes import EXPLANATIONS, Explanation, explanation
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
from mjpipe.manifest.wording import did_you_mean, nearest, quoted

__all__ = [
    "EXPLANATIONS",
    "Explanation",
    "Images",
    "Input",
    "Limits",
    "Loaded",
    "Manifest",
    "MatrixInput",
    "Node",
    "Outputs",
    "Param",
    "Polling",
    "TableFormat",
    "TableInput",
    "Text",
    "did_you_mean",
    "explanation",
    "load_manifest",
    "manifest_from",
    "nearest",
    "quoted",
]
