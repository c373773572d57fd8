"""The contenders, the races between them, and their task."""
