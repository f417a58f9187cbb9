"""Faults at work: where each session stands, when a fault is due, and what it does to the lines of a connection."""
