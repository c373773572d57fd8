"""Scripts that measure the costs and the accuracy of the suite itself."""
