"""argv in, text and exit code out: the only place that prints."""

try:
    from mjpipe.cli.main import main
except KeyboardInterrupt:  # Ctrl-C while the program loads: no `main` is there yet that could handle it
    raise SystemExit(130) from None

__all__ = ["main"]
