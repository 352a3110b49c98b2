"""Reads each section of a manifest from the tree into values."""
