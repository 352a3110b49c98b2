"""What must hold before a run's first request. To add a check, write a function and put it into a list in `gate.py`."""

from mjpipe.campaign.gate.finding import Answer, Check, Finding, PlanCheck, Severity, Situation
from mjpipe.campaign.gate.gate import Gate, NeedsAdoption, passed
from mjpipe.campaign.gate.renamed_nodes import RenamedNodes
from mjpipe.campaign.gate.unknown_results import UnknownResults

__all__ = [
    "Answer",
    "Check",
    "Finding",
    "Gate",
    "NeedsAdoption",
    "PlanCheck",
    "RenamedNodes",
    "Severity",
    "Situation",
    "UnknownResults",
    "passed",
]
