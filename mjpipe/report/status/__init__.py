"""Where a campaign stands."""
