"""The folder in which campaigns of older releases have their images, if they name none."""

from pathlib import Path

from mjpipe.campaign.opened import Campaign
from mjpipe.files import state_faults
from mjpipe.manifest import OUTPUT_FOLDERS


def old_default_records(campaign: Campaign) -> Path | None:
    """The folder `out`, if it may have records of this campaign and no state says where its images are; else None.

    `assets.jsonl` of older releases does not name the campaign, the reports beside it do. Raises StateFault when the
    disk refuses.
    """
    if campaign.manifest.outputs.given or campaign.folder.bound_outputs() is not None:
        return None
    folder = campaign.manifest.path.parent.absolute() / f"{OUTPUT_FOLDERS}{'.sandbox' if campaign.sandbox else ''}"
    with state_faults(folder):
        if not (folder / "assets.jsonl").is_file():
            return None
    from mjpipe.report import campaign_of_reports  # noqa: PLC0415 - a plan before the first run needs no reports

    return folder if campaign_of_reports(folder) in (None, campaign.manifest.campaign) else None
