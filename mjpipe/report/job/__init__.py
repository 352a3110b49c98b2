"""All that is known of one job."""
