"""What operations do with values: compared, converted, filtered, and kept within bounds."""
