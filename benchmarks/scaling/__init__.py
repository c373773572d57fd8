"""Questions about scale, from 1 to 10,000 images: their cases, and their results in virtual time."""
