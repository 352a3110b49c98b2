"""Reads a YAML file into a checked manifest, or into all of its mistakes."""

from mjpipe.manifest.codes import EXPLANATIONS, Explanation, explanation
from mjpipe.manifest.document.text import Text
from mjpipe.manifest.graph import NodeGraph
from mjpipe.manifest.load import LARGEST_MANIFEST, load_manifest, manifest_from
from mjpipe.manifest.model import (
    OUTPUT_FOLDERS,
    ChosenImages,
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
)
from mjpipe.manifest.names_in_messages import did_you_mean, near_names, nearest, quoted, short, with_article
from mjpipe.manifest.value_problems import (
    RELAXED_PROBLEM,
    Problem,
    flag_problems,
    length_problem,
    option_problem,
    range_problem,
    url_problem,
)
from mjpipe.manifest.written_values import BLANKS, LEAVE_EMPTY, attachments, number_help, truth_help

__all__ = [
    "BLANKS",
    "EXPLANATIONS",
    "LARGEST_MANIFEST",
    "LEAVE_EMPTY",
    "OUTPUT_FOLDERS",
    "RELAXED_PROBLEM",
    "ChosenImages",
    "Explanation",
    "Input",
    "Limits",
    "Loaded",
    "Manifest",
    "MatrixInput",
    "Node",
    "NodeGraph",
    "Outputs",
    "Param",
    "Polling",
    "Problem",
    "TableFormat",
    "TableInput",
    "Text",
    "attachments",
    "did_you_mean",
    "explanation",
    "flag_problems",
    "length_problem",
    "load_manifest",
    "manifest_from",
    "near_names",
    "nearest",
    "number_help",
    "option_problem",
    "quoted",
    "range_problem",
    "short",
    "truth_help",
    "url_problem",
    "with_article",
]
