"""What touches a disk safely: files that somebody else wrote, read so that it ends."""

from mjpipe.files.regular import FileTooLarge, open_regular, open_text, read_regular, size_text

__all__ = ["FileTooLarge", "open_regular", "open_text", "read_regular", "size_text"]
