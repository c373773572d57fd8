"""What a run says in sentences: what to use, what is noted of single strategies, of caches and of settings."""
