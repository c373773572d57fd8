"""`python -m benchmarks.plan`: which way of sending N images fits a deadline, a budget and the rate limits."""
