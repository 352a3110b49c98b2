"""Templates checked, compiled and bounded; the only folder that imports Jinja."""
