"""Enforcement papers: numbered from standing blocks, signed, issued once and for ever, superseded but never changed."""
