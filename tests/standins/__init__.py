"""Servers of our own that speak the protocols of others, for tests and for trying things out."""
