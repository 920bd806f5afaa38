"""Phones: what they may see, how they enrol and exchange, and how their mutations become operations."""
