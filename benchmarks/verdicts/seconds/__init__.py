"""Statistics of seconds: ratios with their intervals, between replays, recordings, sessions and strategies."""
