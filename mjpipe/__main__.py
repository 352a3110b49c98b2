"""`python -m mjpipe` is `mjpipe`."""

from mjpipe.cli import main

main()
