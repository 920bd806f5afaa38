"""Hazards: found, given to somebody, removed, verified by somebody else, closed under signature."""
