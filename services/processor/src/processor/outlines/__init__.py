"""Outlines: a resume or a letter, whatever it looks like, in the one shape that templates and formats print."""
