"""The images of a run: fetched, checked, brought to their places, and compared with the ledger before a run."""
