"""The files that come with the program: schemas and examples."""

from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def bundled_folder(folder: str) -> Path:
    """The folder `schemas` or `examples`: inside an installed mjpipe, else at the top of the checkout."""
    installed = PACKAGE / folder
    return installed if installed.is_dir() else PACKAGE.parent / folder
