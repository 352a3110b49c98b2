"""A campaign as commands get it: its manifest with the state, the picks and the output folder that belong to it."""

from mjpipe.campaign.opened.campaign import Campaign, Expanded, open_campaign, typed_campaign
from mjpipe.campaign.opened.first_names import FirstNames
from mjpipe.campaign.opened.history import LedgerAndPicks

__all__ = ["Campaign", "Expanded", "FirstNames", "LedgerAndPicks", "open_campaign", "typed_campaign"]
