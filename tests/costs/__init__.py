"""Tests of the room `costs`."""
