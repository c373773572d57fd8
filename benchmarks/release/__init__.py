"""One command for a release: it updates what a program can update, and prints the remaining steps."""
