"""What git leaves in a file that it could not merge."""

CONFLICT_MARKERS = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
"""Lines that begin so stand around the lines of both sides."""
