"""What a plan asks of a ledger."""

from mjpipe.ledger.reading.balance import balance
from mjpipe.ledger.reading.bindings import Bindings
from mjpipe.ledger.reading.images import Images
from mjpipe.ledger.reading.progress import Progress
from mjpipe.ledger.reading.tasks import Tasks

__all__ = ["Bindings", "Images", "Progress", "Tasks", "balance"]
