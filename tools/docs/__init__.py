"""Generators of the documentation: its pages and its picture."""
