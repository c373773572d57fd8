"""The summary of a run in the terminal: for each group the advice and a table, and with `-v` all the rest."""
