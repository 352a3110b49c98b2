"""Pictures for the sandbox's tasks, drawn with Pillow, each from its request alone."""

from mjpipe.sandbox.pictures.draw import draw_png
from mjpipe.sandbox.pictures.painting import LONG, Archive, painting
from mjpipe.sandbox.pictures.photos import readable_photo

__all__ = ["LONG", "Archive", "draw_png", "painting", "readable_photo"]
