"""Faults that a sandbox is asked for: what the file says, which event goes wrong, and what is answered then."""

from mjpipe.sandbox.faults.fault_rules import NO_FAULT, At, Do, Event, Fault, Faults, Rule
from mjpipe.sandbox.faults.faulty_answers import delay, faulty_answer
from mjpipe.sandbox.faults.injection import FaultInjector
from mjpipe.sandbox.faults.loading import load_faults, numbers

__all__ = [
    "NO_FAULT",
    "At",
    "Do",
    "Event",
    "Fault",
    "FaultInjector",
    "Faults",
    "Rule",
    "delay",
    "faulty_answer",
    "load_faults",
    "numbers",
]
