"""What is read from a template's text or its syntax tree, and from Jinja's faults."""
