"""The values of templates: how texts are read as numbers and words, compared, and filtered."""
