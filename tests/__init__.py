"""The suite's own tests: a folder for each room, with a file for each part of it."""
