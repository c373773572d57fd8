"""What a run prints of groups of strategies: advice and a table in 80 columns, and with `-v` all the rest."""
