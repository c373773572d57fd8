"""Helpers of several test rooms: running the suite, made-up runs, a simulator, a browser."""
