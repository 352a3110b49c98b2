"""The rules that hold between the parts of a manifest, and between it and the service."""
