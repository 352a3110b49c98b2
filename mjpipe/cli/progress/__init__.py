"""The progress of a run while it goes on."""
