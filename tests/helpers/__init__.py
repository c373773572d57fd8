"""What several rooms of tests share: running the suite, made-up runs, a simulator, a browser."""
