"""What the next run does about a job, and what a person can do."""
