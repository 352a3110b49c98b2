"""What the JSON Schema of a manifest refuses, and what an unknown key was probably meant to be."""
