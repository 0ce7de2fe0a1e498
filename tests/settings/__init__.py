"""Tests of the settings: every source, the order of them, and what is wrong."""
