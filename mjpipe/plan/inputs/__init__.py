"""Files of rows and picks, read, checked and combined to the rows of each node."""
