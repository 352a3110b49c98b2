"""What tasks cost."""

from mjpipe.pricing.table import Price, PriceTable, load_prices

__all__ = ["Price", "PriceTable", "load_prices"]
