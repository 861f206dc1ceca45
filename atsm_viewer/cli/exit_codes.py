"""Exit codes of the command line."""

DONE = 0
DATA_ERRORS = 1
"""Finished, but something in the data is wrong or missing; it was said in words."""
USAGE = 2
