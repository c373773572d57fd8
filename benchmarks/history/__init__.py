"""Stored runs: reading them, series of comparable sessions, change points, alarms, and accepted levels."""
