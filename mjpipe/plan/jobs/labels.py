"""Labels of images and keys of jobs."""

from mjpipe.domain import JobKey

UNDECIDED = "?"
"""Stands in a key for an image that a person has still to pick; no key part and no label can contain it."""


def image_label(lead: str, number: int, *, planned: int) -> str:
    """The label of an image, led by that of the image that its job started from.

    A job that makes one image adds nothing to its lead.
    """
    if not lead:
        return str(number)
    return lead if planned == 1 else f"{lead}-{number}"


def undecided_label(lead: str) -> str:
    return f"{lead}-{UNDECIDED}" if lead else UNDECIDED


def led_by(name: str, label: str) -> str:
    """A label after the name of its node, so that images of several sources get different labels."""
    return f"{name}-{label}" if label else name


def lead_of(source_label: str, take: int | None) -> str:
    """What leads the labels of a job's images."""
    if take is None:
        return source_label
    return f"{source_label}-t{take}" if source_label else f"t{take}"


def job_key(node: str, row_key: str, source_label: str, take: int | None) -> JobKey:
    key = f"{node}/{row_key}" if row_key else node
    if source_label:
        key = f"{key}/{source_label}"
    return JobKey(key if take is None else f"{key}/t{take}")
