"""Scripts that measure what the suite itself costs; each prints its figures side by side, from one run."""
