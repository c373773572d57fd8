"""Tests of the room `drawing`."""
