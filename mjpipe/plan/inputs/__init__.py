"""Reads files of rows and picks, and combines the rows for each node."""
