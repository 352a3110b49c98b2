"""Declarative batch pipelines for Midjourney image campaigns on APIXO."""
