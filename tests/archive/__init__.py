"""The archive of statements."""
