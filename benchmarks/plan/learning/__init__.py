"""What requests a strategy sends, and how many at a time: learned by rehearsing it, with nothing sent."""
