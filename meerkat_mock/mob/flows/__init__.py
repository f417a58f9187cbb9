"""Runs of flows: frames of nodes, steps that members carry out, and the views that clients get of them (spec 04, section 14)."""
