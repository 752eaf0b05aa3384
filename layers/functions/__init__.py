"""The libraries that every function's package carries."""
