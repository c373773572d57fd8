"""Tests of the documents: links have a target, commands run, and each block of output has its command."""
