"""Known facts about models, and the models that the API lists: `python -m benchmarks.models`."""
