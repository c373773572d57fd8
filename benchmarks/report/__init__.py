"""What a run leaves to look at and to send: a page, its figures, Markdown for a pull request, and all rows as CSV."""
