"""What a plan comes to: counted, priced, selected from, shown, saved and compared."""
