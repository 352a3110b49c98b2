"""The sections of a manifest, from the tree to values."""
