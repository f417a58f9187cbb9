"""Mobs: their members and wires, what happens in them, and the flows that run through them (spec 04)."""
