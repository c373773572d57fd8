"""Learns the pattern of requests of a strategy from rehearsals, in which nothing is sent."""
