"""Backups: made while the server runs, read back before they count, restored whole or not at all."""
