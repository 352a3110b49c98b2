"""The commands: a module each, which parses, calls one verb of the application and prints its value."""
