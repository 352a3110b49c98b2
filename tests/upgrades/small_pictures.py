"""The program, with a sandbox that draws pictures of a few pixels: the fixtures hold hundreds of them."""

from importlib import import_module

from mjpipe.cli import main

for name in ("painting", "draw"):  # by name: the package has a function `painting`, too
    vars(import_module(f"mjpipe.sandbox.pictures.{name}"))["LONG"] = 16

if __name__ == "__main__":
    main()
