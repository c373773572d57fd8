"""The strategies, the benchmarks that compare them, and what is made of the results."""
