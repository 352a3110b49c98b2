"""Write the reports of a campaign and print the digest."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from mjpipe.campaign import Campaign
from mjpipe.campaign.reporting import report
from mjpipe.cli.terminal import prose_width, say, say_prose, terminal_width
from mjpipe.domain import counted, short_path, text_width
from mjpipe.report import Costs, digest_text


def print_reports(
    campaign: Campaign, *, by: Sequence[str], requested: Mapping[str, Path], rewrite: bool, all_columns: bool = False
) -> Costs:
    """Writes the reports and prints the digest; see `report`. Raises UsageFault for a column that no job has."""
    reported = report(campaign, by=by, requested=requested, rewrite=rewrite, all_columns=all_columns)
    written, outputs, before = reported.written, reported.outputs, reported.outputs_before
    if written.other is not None:
        say_prose(
            f"warning: {short_path(outputs)} held the reports of campaign `{written.other}`, and these replace them;"
            " give each campaign an `outputs.dir` of its own",
            err=True,
        )
    if written.set_aside is not None:
        say_prose(
            f"note: {short_path(outputs)} held records of images that this campaign's state does not know;"
            f" they are kept as {short_path(written.set_aside)}",
            err=True,
        )
    if before is not None:
        say_prose(f"note: images are still in {short_path(before)}; `mjpipe run {campaign.typed}` moves them", err=True)
    say(digest_text(written.costs, terminal_width(), written.by_hand, typed=campaign.typed), nl=False)
    say(f"\n{_where(written.images, short_path(outputs), short_path(written.costs_json), prose_width())}")
    return written.costs


def _where(images: int, outputs: str, costs: str, width: int | None) -> str:
    """Paths stay whole, so that they can be copied."""
    found, paid = f"{counted(images, 'image')} in {outputs},", f"costs in {costs}"
    fits = width is None or text_width(f"{found} {paid}") <= width
    return f"{found} {paid}" if fits else f"{found}\n  {paid}"
