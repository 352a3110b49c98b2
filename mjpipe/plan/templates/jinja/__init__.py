"""The Jinja environment of manifests, and what bounds its work."""
