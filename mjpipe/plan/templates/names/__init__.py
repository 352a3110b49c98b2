"""The names that templates may use, and templates that use nothing but names."""
