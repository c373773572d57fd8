"""One command for a release: it renews what a program can renew, and prints what remains for a person."""
