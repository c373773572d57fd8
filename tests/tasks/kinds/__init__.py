"""Tests of the kinds of answers."""
