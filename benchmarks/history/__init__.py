"""Stored runs: reading and storing them, which of them belong to one series, and since when a level holds."""
