"""Statements to try the program on, and the code that makes them."""
