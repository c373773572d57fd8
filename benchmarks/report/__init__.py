"""The report of a run: the summary in the terminal, and the page with its figures, Markdown and CSV."""
