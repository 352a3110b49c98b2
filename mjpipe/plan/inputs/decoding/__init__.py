"""From the bytes of a file to lines of text, or to what is wrong with the file."""
