"""Where the service is."""

DEFAULT_BASE_URL = "https://api.apixo.ai/api/v1"
"""Seed page, Endpoint and authentication."""
