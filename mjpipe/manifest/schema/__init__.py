"""What the JSON Schema of a manifest refuses, in words, and what an unknown key was probably meant to be."""
