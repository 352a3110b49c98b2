"""Reports as files: a format is one module."""
