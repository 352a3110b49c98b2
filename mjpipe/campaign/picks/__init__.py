"""Picks of a campaign: made by a person, written into the picks file, bound to tasks."""
