"""Brokers: one package each."""
