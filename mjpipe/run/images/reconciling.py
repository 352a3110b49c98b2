"""Before a run: brings the images on disk and their records together, and each image to its present path."""

from collections.abc import Sequence
from pathlib import Path

from mjpipe.ledger import Ledger
from mjpipe.run.images.inventory import Inventory
from mjpipe.run.progress import Progress
from mjpipe.run.run_settings import RunSettings

NAMED = 3
"""How many of the files that were moved aside are named."""


def reconcile_images(ledger: Ledger, settings: RunSettings, progress: Progress) -> None:
    """Before the ledger has its writer: what is moved is recorded in a transaction of its own. Raises OSError."""
    inventory = Inventory(settings.outputs, settings.moving, _outputs_before(ledger, settings))
    found = inventory.compare(
        ledger.images.on_disk(inventory.needs_check()), [*ledger.images.left_over()], ledger.images.planned_paths()
    )
    if found.broken:
        aside = inventory.set_aside(found.broken)
        ledger.files.record_lost(found.broken)
        progress.note(_set_aside_note(aside))
    if found.checked:
        ledger.files.record_checked(found.checked)
    if found.missing:
        ledger.files.record_lost(found.missing)
        progress.note(f"{_images_are(found.missing)} missing on disk and fetched again, which costs nothing")
    if found.gone:
        ledger.files.record_pruned(found.gone)
    stuck = inventory.move(found.moves, ledger.files.record_moved, remove_folders=True)
    for move in stuck:
        progress.note(
            f"`{move.image.path}` stays where it is: `{move.to}` is taken by a file that mjpipe did not write"
        )
    if not stuck:  # else the next run looks in the folder before again
        ledger.bind.outputs(settings.outputs_from_home)


def _outputs_before(ledger: Ledger, settings: RunSettings) -> Path | None:
    bound = ledger.bindings.get("outputs")
    return None if bound in (None, settings.outputs_from_home) else settings.home / str(bound)


def _set_aside_note(names: Sequence[str]) -> str:
    named = ", ".join(f"`{name}`" for name in names[:NAMED]) + (", ..." if len(names) > NAMED else "")
    return f"{_images_are(names)} damaged and fetched again, which costs nothing; what was there is kept: {named}"


def _images_are(images: Sequence[object]) -> str:
    return "1 image is" if len(images) == 1 else f"{len(images):,} images are"
