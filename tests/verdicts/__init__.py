"""Tests of the room `verdicts`."""
