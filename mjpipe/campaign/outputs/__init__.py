"""The output folder of a campaign: which one it is, and what it says of its owner."""

from mjpipe.campaign.outputs.folder import located_outputs, marked_by
from mjpipe.campaign.outputs.owner import MARKER, OutputOwner, UnreadableMarker, mark_outputs, read_owners

__all__ = ["MARKER", "OutputOwner", "UnreadableMarker", "located_outputs", "mark_outputs", "marked_by", "read_owners"]
