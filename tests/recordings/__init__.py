"""Tests of the room `recordings`."""
