"""The words and the layout of what a person reads."""
