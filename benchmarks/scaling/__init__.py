"""What happens at a thousand images, or ten thousand: the questions, their cases, and what is said of them."""
