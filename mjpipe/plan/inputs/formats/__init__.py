"""The formats of inputs: each reads the lines of a file as rows."""
