"""Are the answers still right? How sure a share of right answers is, and whether two of them differ by chance."""
