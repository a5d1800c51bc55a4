"""Holes → ranked candidates. Joins what extraction, verification and edits know; never edits by itself."""
