"""The strategies, the benchmarks that compare them, and the evaluation of the results."""
