"""What a run shows: the summary in the terminal, and the page with its figures, Markdown and CSV."""
