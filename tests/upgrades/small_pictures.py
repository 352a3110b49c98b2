"""The program, whose runs' own sandboxes draw pictures of a few pixels: the fixtures hold hundreds of them."""

from mjpipe.cli import main
from mjpipe.sandbox.settings import Settings

PIXELS = 16

defaults = Settings.__init__.__kwdefaults__
assert defaults is not None
defaults["pixels"] = PIXELS

if __name__ == "__main__":
    main()
