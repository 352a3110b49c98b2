"""A part of a plan: chosen by nodes, keys, columns or states, or as a sample."""
