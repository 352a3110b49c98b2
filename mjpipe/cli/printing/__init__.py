"""What several commands print: warnings, reports, and the end of a run."""
