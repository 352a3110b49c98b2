"""Taking over a plan: which row each job has, and what is written, at once or as changes beside a run."""

from mjpipe.ledger.adopting.adoption import (
    Adopted,
    Adoption,
    Take,
    Takeovers,
    adopting,
    comparison,
    standings,
    takeovers,
)
from mjpipe.ledger.adopting.plan_changes import Applied, Piece, PlanChanges, PlanWritten, apply_piece
from mjpipe.ledger.adopting.plan_writes import RECOVERED, complete_bodies

__all__ = [
    "RECOVERED",
    "Adopted",
    "Adoption",
    "Applied",
    "Piece",
    "PlanChanges",
    "PlanWritten",
    "Take",
    "Takeovers",
    "adopting",
    "apply_piece",
    "comparison",
    "complete_bodies",
    "standings",
    "takeovers",
]
