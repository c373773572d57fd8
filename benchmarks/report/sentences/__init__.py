"""The sentences of a report: the advice, and remarks about strategies, caches and settings."""
