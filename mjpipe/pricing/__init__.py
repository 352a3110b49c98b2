"""What tasks cost."""

from mjpipe.pricing.table import Price, PriceTable, load_prices, why_unpriced

__all__ = ["Price", "PriceTable", "load_prices", "why_unpriced"]
