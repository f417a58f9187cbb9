"""Comms: who can talk to whom, and what a message does to whoever gets it (spec 05, section 7)."""
