"""What an answer means for a job, when to ask, and how much at once. Time and sleep are arguments."""
