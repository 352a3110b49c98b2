"""What is known from outside of a ledger: receipts, the output folder, picks, and other states beside the manifest."""

from mjpipe.campaign.evidence.completed import completed
from mjpipe.campaign.evidence.evidence import Evidence, gather
from mjpipe.campaign.evidence.manifests import campaigns_beside
from mjpipe.campaign.evidence.other_state import OtherState, read_other_state
from mjpipe.campaign.evidence.recorded import recorded_attempt
from mjpipe.campaign.evidence.states import StateBeside, attempts_of_state, belongs_to, states_beside

__all__ = [
    "Evidence",
    "OtherState",
    "StateBeside",
    "attempts_of_state",
    "belongs_to",
    "campaigns_beside",
    "completed",
    "gather",
    "read_other_state",
    "recorded_attempt",
    "states_beside",
]
