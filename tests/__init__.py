"""Tests of the pieces, one file a piece, each named by the claim that it proves."""
