"""Stored runs: reading and storing them, which belong to one series, since when a level holds, and what is slower."""
