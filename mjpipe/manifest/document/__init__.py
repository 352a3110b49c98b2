"""A manifest's YAML as a tree of values that know their place in the file."""
