"""Trackers that broker-sync can write to: one package each."""
