"""Whether the state is a copy of one that is still used: each would buy what the other has bought."""

from collections.abc import Iterator

from mjpipe.campaign.gate.finding import Finding, Severity, Situation


def copies_of_states(situation: Situation) -> Iterator[Finding]:
    """Finds a state that was last used in another folder, where it still is. In the sandbox nothing is bought."""
    campaign, folder = situation.campaign, situation.campaign.folder
    if campaign.sandbox:
        return
    original = folder.original(situation.ledger)
    if original is not None:
        yield Finding(
            severity=Severity.ERROR,
            evidence=f"the state in `{folder.path}` is a copy of the one in `{original}`, which is still there",
            remedy="carry on with that one, or remove it; "
            f"or make this one a campaign of its own, which keeps what was paid for: `mjpipe adopt {campaign.typed}`",
        )
