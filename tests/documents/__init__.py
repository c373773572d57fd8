"""Tests of the documents: links lead somewhere, commands run, and each block of output names its command."""
