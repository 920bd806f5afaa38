"""Visits: prepared in secret, opened on site, filled by a team, explained and signed."""
