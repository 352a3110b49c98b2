"""What the program needs of its process: streams, signals, open files, the encoding of file names, memory."""
