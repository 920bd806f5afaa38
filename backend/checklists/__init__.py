"""Versions of checklists, the lists that are due, and what people filled in."""
