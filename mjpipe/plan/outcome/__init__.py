"""What a plan comes to: counted, priced, selected, drawn, shown, saved and compared."""
