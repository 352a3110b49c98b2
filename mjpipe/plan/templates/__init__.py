"""Templates: what they may name and do, compiled; the only folder that knows Jinja's inside."""
