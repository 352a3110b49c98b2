"""What each diagnostic of a plan means, at more length than its message."""

from mjpipe.manifest import Explanation

EXPLANATIONS: dict[str, Explanation] = {}
