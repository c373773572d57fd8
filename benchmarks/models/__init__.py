"""What is known of models, beside what the API itself lists: `python -m benchmarks.models`."""
