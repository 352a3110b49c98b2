"""Names and paths as file systems take them: their length, capitals and accents."""
