"""Hypothesis strategies for what crosses the wire and what scenarios say, for the property tests of applications and our own."""
