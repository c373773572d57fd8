"""Questions about scale, from 1 to 10,000 images: their cases, and what they come to in virtual time."""
