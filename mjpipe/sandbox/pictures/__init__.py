"""Pictures for the sandbox's tasks, drawn with Pillow, each from its request alone."""

from mjpipe.sandbox.pictures.draw import draw_png
from mjpipe.sandbox.pictures.painting import LONG, TaskArchive, painting
from mjpipe.sandbox.pictures.photos import readable_photo

__all__ = ["LONG", "TaskArchive", "draw_png", "painting", "readable_photo"]
